import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { RequestOf, Role, User } from '@sallyport/contracts';
import { AuthenticateUserV1, CreateUserV1, ResolveTokenV1, SignInV1 } from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { formatUserauthRequest, PrivateKey } from '@sallyport/ssh-keys';
import type { RunningAsset } from './running-asset.suite.js';
import { ADMIN } from './running-asset.suite.js';

/** What people do, for tests: sign in, hold keys, log on by SSH. */

export const clientAddress = '192.0.2.7';
export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

export async function signIn(
  asset: RunningAsset,
  username = ADMIN.username,
  password = ADMIN.password,
): Promise<string> {
  const tokenHash = sha256(randomBytes(32));
  const sealed = await seal(asset.sealTo, Buffer.from(password), tokenHash);
  await asset.api.request(SignInV1, { username, password: sealed, clientAddress, tokenHash });
  return tokenHash;
}

/** An identity for one call of the REST. */
export async function actor(asset: RunningAsset, tokenHash: string): Promise<string> {
  return (await asset.api.request(ResolveTokenV1, { tokenHash, clientAddress })).identity;
}

export async function createUser(
  asset: RunningAsset,
  admin: string,
  fields: { username: string; roles?: Role[]; password?: string; publicKeys?: string[] },
): Promise<User> {
  const { username, roles = ['operator'], password, publicKeys } = fields;
  const sealed = password === undefined ? undefined : await seal(asset.sealTo, Buffer.from(password), username);
  return asset.api.request(CreateUserV1, {
    actor: admin,
    username,
    roles,
    ...(sealed ? { password: sealed } : {}),
    ...(publicKeys ? { publicKeys } : {}),
  });
}

/** An Ed25519 key pair of a person. */
export class Key {
  readonly #key: PrivateKey;

  constructor() {
    const { privateKey }: { privateKey: KeyObject } = generateKeyPairSync('ed25519');
    this.#key = PrivateKey.parse(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }

  get blob(): Buffer {
    return this.#key.publicKeyBlob;
  }

  get line(): string {
    return `ssh-ed25519 ${this.blob.toString('base64')} test`;
  }

  /** What OpenSSH would send, RFC 4252 section 7. */
  evidence(sessionId: Buffer, userName: string, serviceName = 'ssh-connection'): Evidence {
    const algorithm = 'ssh-ed25519';
    const signed = formatUserauthRequest({ sessionId, userName, serviceName, algorithm, publicKeyBlob: this.blob });
    const signature = this.#key.sign(algorithm, signed);
    return { method: 'publickey', signed: signed.toString('base64'), signature: signature.toString('base64') };
  }
}

type Claim = RequestOf<typeof AuthenticateUserV1>;
export type Evidence = Claim['evidence'];

/** A connection of an SSH client to the bastion. */
export class ClientConnection {
  readonly sessionId = randomBytes(32);

  get connection(): string {
    return sha256(this.sessionId);
  }

  async password(asset: RunningAsset, password: string): Promise<Evidence> {
    return { method: 'password', password: await seal(asset.sealTo, Buffer.from(password), this.connection) };
  }

  async authenticate(
    asset: RunningAsset,
    sshUserName: string,
    evidence: Evidence,
    more: Partial<Claim> = {},
  ): Promise<string> {
    const username = sshUserName.split(/[@+]/)[0] ?? '';
    const { connection } = this;
    const claim: Claim = { username, sshUserName, clientAddress, connection, evidence, ...more };
    const answer = await asset.session.request(AuthenticateUserV1, claim);
    if (!('identity' in answer)) throw new Error('a code is needed as well');
    return answer.identity;
  }

  /** The identity of a user who logs on with a key. */
  logOn(asset: RunningAsset, sshUserName: string, key: Key): Promise<string> {
    return this.authenticate(asset, sshUserName, key.evidence(this.sessionId, sshUserName));
  }
}
