import {
  CreateSecretRoute,
  CreateSecretV1,
  DeleteSecretRoute,
  DeleteSecretV1,
  GetRotationRoute,
  GetRotationV1,
  GetSecretPolicyRoute,
  GetSecretPolicyV1,
  GetSecretRoute,
  GetSecretV1,
  ListKmsInstancesRoute,
  ListKmsInstancesV1,
  ListKmsKeysRoute,
  ListKmsKeysV1,
  ListKmsRegionsRoute,
  ListKmsRegionsV1,
  ListSecretsRoute,
  ListSecretsV1,
  ListSecretVersionsRoute,
  ListSecretVersionsV1,
  RestoreSecretRoute,
  RestoreSecretV1,
  RotateSecretRoute,
  RotateSecretV1,
  SetRotationPolicyRoute,
  SetRotationPolicyV1,
  SetSecretPolicyRoute,
  SetSecretPolicyV1,
  SetSecretTagsRoute,
  SetSecretTagsV1,
  UpdateSecretRoute,
  UpdateSecretV1,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { endpoint, forward, type Endpoint } from './endpoint.js';
import type { Sealers } from './sealers.js';

/**
 * The rule of 30,720 bytes is the broker's, who refuses and records. What is larger than this does not fit the message to
 * it once sealed, so it ends here with the same words.
 */
const sealableBytes = 48_000;

export function secretEndpoints(bus: Bus, sealers: Sealers): Endpoint[] {
  return [
    forward(bus, ListSecretsRoute, ListSecretsV1),
    endpoint(CreateSecretRoute, async ({ body }, { identity }) => {
      const { userName, password, publicKey, privateKey, generate, ...secret } = body;
      if (generate) return bus.request(CreateSecretV1, { actor: identity, ...secret, generate: { userName } });
      const data = secretData({ userName, password, publicKey, privateKey });
      return bus.request(CreateSecretV1, {
        actor: identity,
        ...secret,
        value: await sealers.toBroker(data, secret.name),
      });
    }),
    forward(bus, GetSecretRoute, GetSecretV1),
    forward(bus, DeleteSecretRoute, DeleteSecretV1),
    forward(bus, RestoreSecretRoute, RestoreSecretV1),
    forward(bus, RotateSecretRoute, RotateSecretV1),
    forward(bus, SetRotationPolicyRoute, SetRotationPolicyV1),
    forward(bus, ListSecretVersionsRoute, ListSecretVersionsV1),
    forward(bus, UpdateSecretRoute, UpdateSecretV1),
    forward(bus, SetSecretTagsRoute, SetSecretTagsV1),
    forward(bus, GetRotationRoute, GetRotationV1),
    forward(bus, GetSecretPolicyRoute, GetSecretPolicyV1),
    forward(bus, SetSecretPolicyRoute, SetSecretPolicyV1),
    forward(bus, ListKmsInstancesRoute, ListKmsInstancesV1),
    forward(bus, ListKmsKeysRoute, ListKmsKeysV1),
    forward(bus, ListKmsRegionsRoute, ListKmsRegionsV1),
  ];
}

/** SecretData of an ECS secret, as KMS' CreateSecret wants it. */
function secretData(value: {
  userName: string;
  password: string | undefined;
  publicKey: string | undefined;
  privateKey: string | undefined;
}): string {
  const { userName: UserName, password: Password, publicKey: PublicKey, privateKey: PrivateKey } = value;
  const data = JSON.stringify({ UserName, Password, PublicKey, PrivateKey });
  if (Buffer.byteLength(data) > sealableBytes)
    throw new DomainError('request.invalid', 'the value of a secret has at most 30,720 bytes');
  return data;
}
