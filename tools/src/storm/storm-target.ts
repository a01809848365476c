import {
  CreateAuthorizationRoute,
  CreateSecretRoute,
  ImportHostsRoute,
  ImportSecretsRoute,
  ListUsersRoute,
} from '@sallyport/contracts';
import { cloudAssistant, makeUserKey, newerOpenssh, startSshd } from '@sallyport/testing';
import type { RestClient, SshdHost } from '@sallyport/testing';
import type { LocalFile } from '../local-file.js';
import type { EmulatedCloud } from './emulated-cloud.js';

/** A secret that rotates, and the SSH user name that reaches the account that it opens. */
export interface StormAccount {
  readonly kind: 'password' | 'ssh-key';
  readonly secretName: string;
  readonly sshUser: string;
}

/** A real sshd whose accounts KMS rotates, one with a password and one with a key. */
export interface StormTarget {
  readonly sshd: SshdHost;
  /** Of OpenSSH there. */
  readonly openssh: string;
  readonly hostName: string;
  readonly accounts: readonly StormAccount[];
}

/** The newest OpenSSH that can be had, for its PerSourcePenalties; they are at their default, as is all else that punishes. */
export async function startStormTarget(
  admin: RestClient,
  cloud: EmulatedCloud,
  local: LocalFile,
): Promise<StormTarget> {
  const newer = await newerOpenssh().catch(() => undefined);
  const key = await makeUserKey('rsa', { format: 'pem' });
  const password = 'the first of many';
  const sshd = await startSshd({
    accounts: [
      { name: 'pass', password },
      { name: 'key', authorizedKeys: [key.publicKey] },
    ],
    // What an exchange of keys costs is not what is asked here.
    config: 'KexAlgorithms curve25519-sha256',
    hostKeyTypes: ['ed25519'],
    ...(newer && { newer }),
  });
  const { regionId } = local.kms;
  const hostName = `storm-${sshd.port}`;
  const instanceId = `i-${hostName}-${Date.now()}`;
  await cloud.putInstance(instanceId, {
    name: hostName,
    regionId,
    address: sshd.address,
    port: sshd.port,
    tags: [{ key: 'sallyport:ssh-port', value: String(sshd.port) }],
    assistant: { command: sshd.argv([process.execPath, cloudAssistant]) },
  });
  const secret = { instanceId, regionId };
  const { publicKey, privateKey } = key;
  const values = {
    pass: { kind: 'password', password },
    key: { kind: 'ssh-key', publicKey, privateKey },
  } as const;
  const accounts: StormAccount[] = [];
  for (const [userName, value] of Object.entries(values)) {
    const name = `acs/ecs/${instanceId}-${userName}`;
    await admin.call(CreateSecretRoute, { body: { ...secret, name, userName, ...value } });
    const sshUser = `${local.users.alice.username}@${userName}@${hostName}`;
    accounts.push({ kind: value.kind, secretName: name, sshUser });
  }
  const hosts = await admin.call(ImportHostsRoute, { body: { regionId, instanceIds: [instanceId] } });
  const hostId = hosts.results[0]?.hostId;
  if (hostId === undefined) throw new Error(`the target was not imported: ${JSON.stringify(hosts.results)}`);
  const secretNames = accounts.map(({ secretName }) => secretName);
  await admin.call(ImportSecretsRoute, { params: { hostId }, body: { secretNames } });
  const users = await admin.call(ListUsersRoute, { query: { limit: 200 } });
  const alice = users.items.find(({ username }) => username === local.users.alice.username);
  await admin.call(CreateAuthorizationRoute, { body: { userId: alice?.id ?? '', hostId } });
  return { sshd, openssh: newer?.version ?? 'this machine’s OpenSSH', hostName, accounts };
}
