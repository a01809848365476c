import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@sallyport/testing';
import type { LocalFile } from './local-file.js';
import type { DemoUser } from './seed/seed.js';
import { adminName } from './stack/service-environments.js';
import { randomPassword } from './state/random.js';
import type { StateFolder } from './state/state-folder.js';

/** The people of the demo: as `local.json` shows them, and as the seed makes them. The administrator makes himself. */
export async function demoPeople(state: StateFolder): Promise<{ users: LocalFile['users']; toSeed: DemoUser[] }> {
  const person = (username: string) => ({ username, password: state.secret(`user-${username}`, randomPassword) });
  const privateKeyFile = await keyOfAlice(state);
  const admin = person(adminName);
  const auditor = person('auditor');
  const alice = person('alice');
  return {
    users: { admin, auditor, alice: { ...alice, privateKeyFile } },
    toSeed: [
      { ...auditor, roles: ['auditor'] },
      { ...alice, roles: ['operator'], publicKey: readFileSync(`${privateKeyFile}.pub`, 'utf8').trim() },
    ],
  };
}

async function keyOfAlice(state: StateFolder): Promise<string> {
  const file = join(state.path, 'alice_ed25519');
  const isThere = await access(`${file}.pub`).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice', '-f', file], { input: 'y\n' });
  return file;
}
