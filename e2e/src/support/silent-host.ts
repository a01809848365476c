import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { ReplaceHostKeysRoute } from '@sallyport/contracts';
import { makeUserKey, type RestClient, type UserKey } from '@sallyport/testing';
import { PrivateKey } from '@sallyport/ssh-keys';
import { readyAccount, regionId, type CloudHost } from './real-host.js';
import { emulator } from './sallyport.js';

/** A host where nobody answers: enough for all that comes before a connection to it. */
export interface SilentHost extends CloudHost {
  readonly hostId: string;
  /** Of the account `deploy`, which has a key; `root` has a password. Alice may use both. */
  readonly key: UserKey;
  readonly password: string;
}

/** @param hostKey is pinned; without one, the first that is shown will be */
export async function registerSilentHost(admin: RestClient, hostKey?: PrivateKey): Promise<SilentHost> {
  const name = `silent-${randomBytes(4).toString('hex')}`;
  const host = { name, instanceId: `i-${name}` };
  // RFC 5737: an address of nobody.
  await emulator('PUT', `instances/${host.instanceId}`, { name, address: '192.0.2.1', port: 22, regionId });
  const key = await makeUserKey('ed25519');
  const { publicKey, privateKey } = key;
  const password = randomBytes(16).toString('hex');
  const { hostId } = await readyAccount(admin, host, 'deploy', { kind: 'ssh-key', publicKey, privateKey });
  await readyAccount(admin, host, 'root', { kind: 'password', password });
  if (hostKey) {
    const body = { publicKeys: [`ssh-ed25519 ${hostKey.publicKeyBlob.toString('base64')}`] };
    await admin.call(ReplaceHostKeysRoute, { params: { hostId }, body });
  }
  return { ...host, hostId, key, password };
}

/** An Ed25519 key made anew. */
export const newHostKey = (): PrivateKey =>
  PrivateKey.parse(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
