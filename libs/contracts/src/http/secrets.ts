import { z } from 'zod';
import { InstanceId, RegionId, SecretName } from '../bus/hosts.v1.js';
import {
  CreateSecretV1,
  DeleteSecretV1,
  GetSecretV1,
  ListSecretsV1,
  ListSecretVersionsV1,
  RestoreSecretV1,
  RotateSecretV1,
  SetRotationPolicyV1,
} from '../bus/secrets.v1.js';
import { CredentialKind } from '../values.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Flag, Limit, wholeNumber } from './query.js';

/** The name is URL-encoded in the path: `acs%2Fecs%2Fweb-01`. Without `regionId`, the region that Sallyport is set up for. */
export const oneSecret = {
  params: z.strictObject({ name: SecretName.describe('URL-encoded: acs%2Fecs%2Fweb-01.') }),
  query: z.strictObject({
    regionId: RegionId.optional().describe('The region that Sallyport is set up for when it is left out.'),
  }),
};
export const secretPath = '/v1/kms/secrets/{name}';

export const ListSecretsRoute = defineRoute({
  ...answeredBy(ListSecretsV1),
  method: 'GET',
  path: '/v1/kms/secrets',
  summary: 'ECS secrets in KMS by name, those in their deletion window included; with search.',
  query: ListSecretsV1.request.omit({ actor: true }).extend({ limit: Limit, ...oneSecret.query.shape }),
  status: 200,
});

/** Values go in, never out: no answer of the REST has a field for one. */
export const CreateSecretRoute = defineRoute({
  ...answeredBy(CreateSecretV1),
  method: 'POST',
  path: '/v1/kms/secrets',
  summary: 'Create an ECS secret with its first password or key pair, given or made by Sallyport.',
  body: CreateSecretV1.request
    .omit({ actor: true, value: true, generate: true })
    .extend({
      name: SecretName.describe('acs/ecs/ and then letters, digits and _ / + = . - @; each name once in a region.'),
      instanceId: InstanceId.describe('The ECS instance whose account the secret is for: GET /v1/ecs/instances.'),
      regionId: RegionId.describe('Of that instance: GET /v1/kms/regions.'),
      kind: CredentialKind.describe('What it holds: a password, or a key pair.'),
      userName: z.string().min(1).max(255).describe('The account on the instance. It must exist there.'),
      password: z.string().min(1).optional().describe('The present one of the account, when kind is password.'),
      publicKey: z.string().min(1).optional().describe('When kind is ssh-key: one line, as OpenSSH writes it.'),
      privateKey: z
        .string()
        .min(1)
        .optional()
        .describe('When kind is ssh-key: PEM, its lines separated by \\n. The whole value has at most 30,720 bytes.'),
      generate: z
        .boolean()
        .default(false)
        .describe(
          'Instead of a value: Sallyport makes one and shows it to nobody. Rotate afterwards, as the instance does not know it.',
        ),
    })
    .refine((body) => !body.generate || (body.password ?? body.publicKey ?? body.privateKey) === undefined, {
      path: ['generate'],
      error: 'not together with a value',
    })
    .refine((body) => body.generate || body.kind !== 'password' || body.password !== undefined, {
      path: ['password'],
      error: 'needed when kind is password',
    })
    .refine((body) => body.generate || body.kind !== 'ssh-key' || body.publicKey !== undefined, {
      path: ['publicKey'],
      error: 'needed when kind is ssh-key',
    })
    .refine((body) => body.generate || body.kind !== 'ssh-key' || body.privateKey !== undefined, {
      path: ['privateKey'],
      error: 'needed when kind is ssh-key',
    })
    .refine((body) => body.kind !== 'ssh-key' || body.password === undefined, {
      path: ['password'],
      error: 'only when kind is password',
    })
    .refine((body) => body.kind !== 'password' || (body.publicKey ?? body.privateKey) === undefined, {
      path: ['privateKey'],
      error: 'keys only when kind is ssh-key',
    }),
  status: 201,
});

export const GetSecretRoute = defineRoute({
  ...answeredBy(GetSecretV1),
  ...oneSecret,
  method: 'GET',
  path: secretPath,
  summary: 'What KMS tells of a secret; never its value.',
  status: 200,
});

export const DeleteSecretRoute = defineRoute({
  ...answeredBy(DeleteSecretV1),
  ...oneSecret,
  method: 'DELETE',
  path: secretPath,
  summary: 'Delete a secret after a window of 7 to 30 days, or at once and for ever with force=true.',
  query: oneSecret.query.extend({
    force: Flag.default(false).describe('Delete at once and for ever.'),
    recoveryWindowDays: wholeNumber(7, 30)
      .optional()
      .describe('How long it can be restored; 30 by KMS when it is left out. Not together with force.'),
  }),
  status: 200,
});

export const RestoreSecretRoute = defineRoute({
  ...answeredBy(RestoreSecretV1),
  ...oneSecret,
  method: 'POST',
  path: `${secretPath}/restore`,
  summary: 'Take a secret back out of its deletion window.',
  status: 200,
});

export const RotateSecretRoute = defineRoute({
  ...answeredBy(RotateSecretV1),
  ...oneSecret,
  method: 'POST',
  path: `${secretPath}/rotate`,
  summary: 'Start a rotation, which KMS ends later. The same versionId again starts nothing new.',
  body: RotateSecretV1.request.pick({ versionId: true }),
  status: 202,
});

export const SetRotationPolicyRoute = defineRoute({
  ...answeredBy(SetRotationPolicyV1),
  ...oneSecret,
  method: 'PUT',
  path: `${secretPath}/rotation-policy`,
  summary: 'Turn automatic rotation on, with its interval (1 hour to 365 days), or off.',
  body: SetRotationPolicyV1.request.pick({ enabled: true, intervalSeconds: true }),
  status: 200,
});

export const ListSecretVersionsRoute = defineRoute({
  ...answeredBy(ListSecretVersionsV1),
  ...oneSecret,
  method: 'GET',
  path: `${secretPath}/versions`,
  summary: 'Versions of a secret and their stages, with deprecated=true the former ones too; never their values.',
  query: oneSecret.query.extend({
    deprecated: Flag.default(false).describe('Also those that KMS remembers and gives to nobody.'),
  }),
  status: 200,
});
