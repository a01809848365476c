import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateAuthorizationRoute,
  CreateSecretRoute,
  ImportHostsRoute,
  ImportSecretsRoute,
  ListUsersRoute,
} from '@sallyport/contracts';
import { RestClient } from '@sallyport/testing';
import type { SshdHost, UserKey } from '@sallyport/testing';
import type { LocalFile } from '../local-file.js';

/**
 * Makes a host known to a running Sallyport, with one account that opens with a key, and lets alice use it.
 * @returns the SSH user name that reaches it
 */
export async function registerTarget(
  home: string,
  local: LocalFile,
  sshd: SshdHost,
  account: string,
  key: UserKey,
): Promise<string> {
  const { regionId } = local.kms;
  const name = `bench-${sshd.port}`;
  const instanceId = `i-${name}`;
  await putInstance(home, local, instanceId, {
    name,
    regionId,
    address: sshd.address,
    port: sshd.port,
    tags: [{ key: 'sallyport:ssh-port', value: String(sshd.port) }],
  });
  const { admin, alice } = local.users;
  const rest = await new RestClient(local.api).signIn(admin.username, admin.password);
  const secretName = `acs/ecs/${name}-${Date.now()}`;
  const { publicKey, privateKey } = key;
  const secret = { name: secretName, instanceId, regionId, userName: account, kind: 'ssh-key' as const };
  await rest.call(CreateSecretRoute, { body: { ...secret, publicKey, privateKey } });
  const hosts = await rest.call(ImportHostsRoute, { body: { regionId, instanceIds: [instanceId] } });
  const hostId = hosts.results[0]?.hostId;
  if (hostId === undefined) throw new Error(`the target was not imported: ${JSON.stringify(hosts.results)}`);
  await rest.call(ImportSecretsRoute, { params: { hostId }, body: { secretNames: [secretName] } });
  const users = await rest.call(ListUsersRoute, { query: { limit: 200 } });
  const user = users.items.find(({ username }) => username === alice.username);
  await rest.call(CreateAuthorizationRoute, { body: { userId: user?.id ?? '', hostId } });
  return `${alice.username}@${account}@${name}`;
}

async function putInstance(home: string, local: LocalFile, instanceId: string, body: object): Promise<void> {
  const token = readFileSync(join(home, 'secrets/emulator-admin-token'), 'utf8').trim();
  const response = await fetch(`http://${local.kms.endpoint}/__emulator/instances/${instanceId}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the emulator answered ${response.status} to the target's registration`);
}
