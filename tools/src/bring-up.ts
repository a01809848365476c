import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RestClient } from '@sallyport/testing';
import { Failure, step } from '../progress.mjs';
import { demoPeople } from './demo-people.js';
import { localFile } from './local-file.js';
import type { LocalFile } from './local-file.js';
import { EmulatorAdmin } from './seed/emulator-admin.js';
import { seedDemo } from './seed/seed.js';
import type { DemoUser } from './seed/seed.js';
import type { Settings } from './settings.js';
import { EmulatorMember } from './stack/emulator-member.js';
import { NatsMember, prepareNats } from './stack/nats-member.js';
import { migrateAudit } from './stack/migrate-audit.js';
import { auditServiceRole, PostgresMember } from './stack/postgres-member.js';
import { putRamUsers } from './stack/ram-users.js';
import { requireFreePort } from './stack/require-free-port.js';
import { serviceMembers } from './stack/service-members.js';
import type { StateFolder } from './state/state-folder.js';
import type { Supervisor } from './supervisor/supervisor.js';

/**
 * Starts all parts in their order, seeds the demo the first time, and writes `local.json`.
 * @throws Failure with one sentence when a part cannot be had
 */
export async function bringUp(settings: Settings, state: StateFolder, supervisor: Supervisor): Promise<LocalFile> {
  await requireFreePort(settings.sshPort, 'SALLYPORT_SSH_PORT');
  await requireFreePort(settings.httpPort, 'SALLYPORT_HTTP_PORT');

  const postgres = new PostgresMember(state);
  await step('starting PostgreSQL', () => supervisor.start(postgres));
  const natsUrl = settings.natsUrl ?? (await startNatsServer(state, supervisor));
  await step('preparing streams', () => prepareNats(state, natsUrl));
  const emulator = new EmulatorMember(state);
  await step('starting the emulated cloud', () => supervisor.start(emulator));
  const { cloud } = emulator;
  const emulatorAdmin = new EmulatorAdmin(cloud);
  await step('preparing identities in the emulated cloud', () => putRamUsers(state, emulatorAdmin));

  const databaseUrls = { asset: postgres.url('asset'), audit: postgres.url('audit', auditServiceRole) };
  await step('preparing the audit database', () => migrateAudit(state, postgres.url('audit')));
  const services = await serviceMembers({ state, settings, natsUrl, databaseUrls, cloud });
  await step('starting the five services', () => supervisor.start(...services));

  const { users, toSeed } = await demoPeople(state);
  const instances = await emulatorAdmin.instances();
  const local = localFile(state, settings, { natsUrl, cloud, users, instances });
  await seedOnce(state, local, emulatorAdmin, toSeed);
  state.write('local.json', `${JSON.stringify(local, null, 2)}\n`);
  return local;
}

async function startNatsServer(state: StateFolder, supervisor: Supervisor): Promise<string> {
  const nats = new NatsMember(state);
  await step('starting NATS', () => supervisor.start(nats));
  return nats.url;
}

/** Not again once it was done: what somebody deleted since is not brought back. */
async function seedOnce(
  state: StateFolder,
  local: LocalFile,
  emulator: EmulatorAdmin,
  people: DemoUser[],
): Promise<void> {
  if (existsSync(join(state.path, 'seeded'))) return;
  const { username, password } = local.users.admin;
  try {
    await step('seeding the demo', async () => {
      const admin = await new RestClient(local.api).signIn(username, password);
      await seedDemo(admin, emulator, people);
    });
  } catch (cause) {
    throw new Failure(`The demo could not be seeded: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  state.write('seeded', `${new Date().toISOString()}\n`);
}
