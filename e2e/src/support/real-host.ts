import { randomBytes } from 'node:crypto';
import {
  CreateAuthorizationRoute,
  CreateSecretRoute,
  GetSecretRoute,
  ImportHostsRoute,
  ImportSecretsRoute,
  ListSecretVersionsRoute,
  ListUsersRoute,
  RotateSecretRoute,
} from '@sallyport/contracts';
import {
  cloudAssistant,
  startSshd,
  waitFor,
  type RestClient,
  type SshdAccount,
  type SshdHost,
  type SshdOptions,
} from '@sallyport/testing';
import { emulator, local } from './sallyport.js';

export const { regionId } = local.kms;

/** What the cloud knows of a host. */
export interface CloudHost {
  instanceId: string;
  name: string;
}

/** A real sshd with real accounts that the cloud knows as an ECS instance, with a Cloud Assistant that reaches it. */
export interface RealHost extends CloudHost {
  sshd: SshdHost;
}

export async function startRealHost(
  accounts: readonly SshdAccount[],
  options: Omit<SshdOptions, 'accounts'> = {},
): Promise<RealHost> {
  const sshd = await startSshd({ accounts, ...options });
  const name = `real-${randomBytes(4).toString('hex')}`;
  const instanceId = `i-${name}`;
  await emulator('PUT', `instances/${instanceId}`, {
    name,
    address: sshd.address,
    port: sshd.port,
    regionId,
    tags: [{ key: 'sallyport:ssh-port', value: String(sshd.port) }],
    assistant: { command: sshd.argv([process.execPath, cloudAssistant]) },
  });
  return { sshd, instanceId, name };
}

/** An instance that nobody logs on to. Its Cloud Assistant says that it changed the account. */
export async function registerHost({ instanceId, name }: CloudHost): Promise<void> {
  const assistant = { command: [process.execPath, '-e', 'process.stdin.resume()'] };
  await emulator('PUT', `instances/${instanceId}`, { name, address: '127.0.0.1', port: 9, regionId, assistant });
}

/** What an ECS secret holds besides the user's name. */
export type SecretValue =
  { kind: 'password'; password: string } | { kind: 'ssh-key'; publicKey: string; privateKey: string };

export async function createSecret(
  admin: RestClient,
  host: CloudHost,
  userName: string,
  value: SecretValue,
): Promise<string> {
  const name = `acs/ecs/${host.name}-${userName}-${randomBytes(3).toString('hex')}`;
  await admin.call(CreateSecretRoute, { body: { name, instanceId: host.instanceId, regionId, userName, ...value } });
  return name;
}

export async function importHost(admin: RestClient, host: CloudHost): Promise<string> {
  const { results } = await admin.call(ImportHostsRoute, { body: { regionId, instanceIds: [host.instanceId] } });
  const hostId = results[0]?.hostId;
  if (!hostId) throw new Error(`not imported: ${JSON.stringify(results)}`);
  return hostId;
}

export async function importAccount(admin: RestClient, hostId: string, secretName: string): Promise<string> {
  const body = { secretNames: [secretName] };
  const { results } = await admin.call(ImportSecretsRoute, { params: { hostId }, body });
  const accountId = results[0]?.accountId;
  if (!accountId) throw new Error(`not imported: ${JSON.stringify(results)}`);
  return accountId;
}

/** Alice may use these accounts of the host; all of them when none is named. */
export async function authorizeAlice(admin: RestClient, hostId: string, accountIds?: string[]): Promise<string> {
  const { items } = await admin.call(ListUsersRoute, { query: { limit: 200 } });
  const alice = items.find((user) => user.username === local.users.alice.username);
  const body = { userId: alice?.id ?? '', hostId, ...(accountIds ? { accountIds } : {}) };
  return (await admin.call(CreateAuthorizationRoute, { body })).id;
}

/** Rotates and waits until KMS has the new version as its current one. @returns its id */
export async function rotate(admin: RestClient, secretName: string): Promise<string> {
  const params = { name: secretName };
  const { versionId } = await admin.call(RotateSecretRoute, { params, body: {} });
  await waitFor(
    async () => {
      const { items } = await admin.call(ListSecretVersionsRoute, { params });
      return items.some((version) => version.versionId === versionId && version.stages.includes('ACSCurrent'));
    },
    { what: `rotation of ${secretName}` },
  );
  return versionId;
}

/** A host with one imported account that alice may use. */
export async function readyAccount(
  admin: RestClient,
  host: CloudHost,
  userName: string,
  value: SecretValue,
): Promise<{ hostId: string; accountId: string; secretName: string; target: string }> {
  const secretName = await createSecret(admin, host, userName, value);
  const hostId = await importHost(admin, host);
  const accountId = await importAccount(admin, hostId, secretName);
  await authorizeAlice(admin, hostId, [accountId]);
  await admin.call(GetSecretRoute, { params: { name: secretName } });
  return { hostId, accountId, secretName, target: `alice@${userName}@${host.name}` };
}
