import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { GrantClaims, ProtocolPolicy } from '@sallyport/contracts';
import type { CredentialKind } from '@sallyport/contracts';
import { SealingKey } from '@sallyport/sealing';
import type { SealedBox } from '@sallyport/sealing';
import { Secret } from '@sallyport/secret';
import { formatAuthorizedKey, formatUserauthRequest, PrivateKey } from '@sallyport/ssh-keys';
import type { UserauthRequest } from '@sallyport/ssh-keys';
import type { NewSecret } from '../kms/kms-administration.js';

/** The makings of a conversation with the broker: a secret, a grant for it, a host, and what session would say. */

/** A host with a key made anew. */
export class TestHost {
  readonly #key = PrivateKey.parse(
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );

  /** The blob. */
  get hostKey(): Buffer {
    return this.#key.publicKeyBlob;
  }

  sign(data: Buffer): Buffer {
    return this.#key.sign('ssh-ed25519', data);
  }

  /** What session tells the broker of a connection to this host. */
  shown(sessionId: Buffer) {
    return {
      hostKey: this.hostKey.toString('base64'),
      targetSessionId: sessionId.toString('base64'),
      hostKeySignature: this.sign(sessionId).toString('base64'),
    };
  }
}

export const newPassword = (): string => `pass"word\\ ${randomUUID()}`;

/** SecretData of a new credential. */
export function newSecretData(kind: CredentialKind, userName = 'root'): string {
  if (kind === 'password') return JSON.stringify({ UserName: userName, Password: newPassword() });
  const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const blob = PrivateKey.parse(privateKey).publicKeyBlob;
  const publicKey = formatAuthorizedKey({ type: 'ssh-ed25519', blob, comment: '' });
  return JSON.stringify({ UserName: userName, PublicKey: publicKey, PrivateKey: privateKey });
}

export function newSecret(kind: CredentialKind, change: Partial<NewSecret> = {}): NewSecret {
  const data = Secret.of(newSecretData(kind));
  const name = `acs/ecs/${randomUUID()}`;
  return { name, regionId: 'cn-hangzhou', instanceId: 'i-1', versionId: 'v1', kind, data, ...change };
}

export function newGrant(
  change: { hostKeys?: string[]; secret?: NewSecret; userName?: string; sealTo?: string } = {},
): GrantClaims {
  const { name = 'acs/ecs/none', regionId = 'cn-hangzhou', kind = 'password' } = change.secret ?? {};
  return GrantClaims.parse({
    grantId: randomUUID(),
    sessionId: randomUUID(),
    userId: randomUUID(),
    username: 'alice',
    clientAddress: '192.0.2.1',
    host: { hostId: randomUUID(), name: 'web-1', address: '192.0.2.2', port: 22, hostKeys: change.hostKeys ?? [] },
    account: { accountId: randomUUID(), userName: change.userName ?? 'root', kind, secretName: name, regionId },
    sealTo: change.sealTo ?? randomBytes(32).toString('base64'),
    policy: ProtocolPolicy.parse({}),
    limits: {},
  });
}

/** Session's side: the key of the grant, the connection to the target, and the requests it would sign. */
export class TestSession {
  readonly targetSessionId = randomBytes(32);

  private constructor(private readonly key: SealingKey) {}

  static async start(): Promise<TestSession> {
    return new TestSession(await SealingKey.generate());
  }

  get sealTo(): string {
    return this.key.publicKey;
  }

  async open(box: SealedBox, grantId: string, hostKeyFingerprint: string): Promise<string> {
    return (await this.key.open(box, `${grantId} ${hostKeyFingerprint}`)).toString('utf8');
  }

  userauth(publicKey: string, change: Partial<UserauthRequest> = {}): Buffer {
    return formatUserauthRequest({
      sessionId: this.targetSessionId,
      userName: 'root',
      serviceName: 'ssh-connection',
      algorithm: 'ssh-ed25519',
      publicKeyBlob: Buffer.from(publicKey, 'base64'),
      ...change,
    });
  }
}
