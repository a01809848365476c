import {
  CreateAuthorizationRoute,
  CreateSecretRoute,
  CreateUserRoute,
  ImportHostsRoute,
  ImportSecretsRoute,
  ListAccountsRoute,
  ListAuthorizationsRoute,
  ListUsersRoute,
} from '@sallyport/contracts';
import type { HostAccount, Role, User } from '@sallyport/contracts';
import { RestProblem } from '@sallyport/testing';
import type { RestClient } from '@sallyport/testing';
import type { EmulatorAdmin, SimulatedInstance } from './emulator-admin.js';

/** The people of the demo. */
export interface DemoUser {
  username: string;
  roles: Role[];
  password: string;
  publicKey?: string;
}

/**
 * Fills an empty Sallyport with a demo, by the calls that administrators would make: secrets in KMS, hosts and their
 * accounts, people, and one authorization a host for `alice`. Every part may be there already, so an interrupted seed is
 * taken up by running it again.
 */
export async function seedDemo(admin: RestClient, emulator: EmulatorAdmin, people: readonly DemoUser[]): Promise<void> {
  const users = await Promise.all(people.map((person) => ensureUser(admin, person)));
  const alice = users.find(({ username }) => username === 'alice');
  for (const [index, instance] of (await emulator.instances()).entries()) {
    const secretNames = await ensureSecrets(admin, emulator, instance);
    const hostId = await importHost(admin, instance);
    const accounts = await importAccounts(admin, hostId, secretNames);
    // A password on the first host, a key on the second, so that both can be tried.
    const account = accounts[index % accounts.length];
    if (alice && account) await ensureAuthorization(admin, alice, account);
  }
}

async function ensureUser(admin: RestClient, person: DemoUser): Promise<User> {
  const { username, roles, password, publicKey } = person;
  const body = { username, roles, password, ...(publicKey === undefined ? {} : { publicKeys: [publicKey] }) };
  try {
    return await admin.call(CreateUserRoute, { body });
  } catch (error) {
    if (!isRefused(error, 'user.exists')) throw error;
    const { items } = await admin.call(ListUsersRoute, { query: { limit: 200 } });
    const user = items.find((each) => each.username === username);
    if (!user) throw error;
    return user;
  }
}

/** Left without a secret, for whoever follows README.md or docs/secrets.md. */
const freeAccount = 'ops';

/** One ECS secret an account, holding what the instance takes now. @returns their names, accounts with a password first */
async function ensureSecrets(
  admin: RestClient,
  emulator: EmulatorAdmin,
  instance: SimulatedInstance,
): Promise<string[]> {
  const { instanceId, regionId } = instance;
  const seeded = instance.accounts.filter((user) => user !== freeAccount);
  const credentials = await Promise.all(seeded.map((user) => emulator.credential(instanceId, user)));
  credentials.sort((a, b) => Number(a.password === undefined) - Number(b.password === undefined));
  const names: string[] = [];
  for (const { userName, password, publicKey, privateKey } of credentials) {
    const name = `acs/ecs/${instance.name}/${userName}`;
    const value =
      password === undefined
        ? { kind: 'ssh-key' as const, publicKey, privateKey }
        : { kind: 'password' as const, password };
    const body = {
      name,
      instanceId,
      regionId,
      userName,
      ...value,
      description: `Demo: ${userName} on ${instance.name}`,
    };
    await admin.call(CreateSecretRoute, { body }).catch(unless('secret.exists'));
    names.push(name);
  }
  return names;
}

async function importHost(admin: RestClient, { instanceId, regionId }: SimulatedInstance): Promise<string> {
  const { results } = await admin.call(ImportHostsRoute, { body: { regionId, instanceIds: [instanceId] } });
  const hostId = results[0]?.hostId;
  if (hostId === undefined)
    throw new Error(`instance ${instanceId} was not imported: ${results[0]?.code ?? 'no result'}`);
  return hostId;
}

/** @returns the accounts of these secrets, in the same order */
async function importAccounts(admin: RestClient, hostId: string, secretNames: string[]): Promise<HostAccount[]> {
  const { results } = await admin.call(ImportSecretsRoute, { params: { hostId }, body: { secretNames } });
  const refused = results.find(({ code }) => code !== 'OK' && code !== 'OBJECT_ALREADY_EXISTS');
  if (refused) throw new Error(`secret ${refused.secretName} was not imported: ${refused.code}`);
  const { items } = await admin.call(ListAccountsRoute, { params: { hostId } });
  return secretNames.flatMap((name) => items.filter(({ secretName }) => secretName === name));
}

async function ensureAuthorization(admin: RestClient, user: User, account: HostAccount): Promise<void> {
  const query = { userId: user.id, hostId: account.hostId };
  const { items } = await admin.call(ListAuthorizationsRoute, { query });
  if (items.length > 0) return;
  await admin.call(CreateAuthorizationRoute, { body: { ...query, accountIds: [account.id] } });
}

const isRefused = (error: unknown, code: string): boolean =>
  error instanceof RestProblem && error.problem.code === code;

/** For `catch`: lets this refusal pass, as the thing is there already. */
function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!isRefused(error, code)) throw error;
  };
}
