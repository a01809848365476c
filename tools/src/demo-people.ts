import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalFile } from './local-file.js';
import type { DemoUser } from './seed/seed.js';
import { adminName } from './stack/service-environments.js';
import { randomPassword } from './state/random.js';
import { ensureSshKey } from './state/ssh-key.js';
import type { StateFolder } from './state/state-folder.js';

/** The people of the demo: as `local.json` shows them, and as the seed makes them. The administrator makes himself. */
export async function demoPeople(state: StateFolder): Promise<{ users: LocalFile['users']; toSeed: DemoUser[] }> {
  const person = (username: string) => ({ username, password: state.secret(`user-${username}`, randomPassword) });
  const privateKeyFile = await ensureSshKey(join(state.path, 'alice_ed25519'), 'ed25519', 'alice');
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
