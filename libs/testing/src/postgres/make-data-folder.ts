import { chown, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../run.js';
import { tempDir } from '../temp-dir.js';
import type { PostgresPrograms } from './postgres-programs.js';

/**
 * Makes the data folder of a new server, whole or not at all; one that is there is left as it is.
 * @param password of its superuser `postgres`
 */
export async function makeDataFolder(programs: PostgresPrograms, dataDir: string, password: string): Promise<void> {
  const { initdb, owner } = programs;
  if (await stat(dataDir).catch(() => undefined)) return;
  const unfinished = `${dataDir}.new`;
  await rm(unfinished, { recursive: true, force: true }); // what an interrupted attempt left
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = join(tempDir(0o755), 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner) for (const path of [unfinished, passwordFile]) await chown(path, owner.uid, owner.gid);
  const args = ['-D', unfinished, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  try {
    await mustRun(initdb, [...args, '--encoding=UTF8', '--locale=C'], { cwd: '/', timeoutMs: 120_000, ...owner });
    await rename(unfinished, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
}
