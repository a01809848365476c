import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.js';
import { mustRun, run } from './run.js';

const DOWNLOAD_TIMEOUT_MS = 120_000;
const ARCHIVE = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface DebianPackageOptions {
  /** Name of the folder, where that of the first package would be misleading. */
  as?: string;
  /** Releases to take the packages from, the last one where it has them, instead of those that the machine is set up for. */
  suites?: readonly string[];
}

/**
 * The folder that holds the unpacked files of Debian packages: the newest one in the cache, else downloaded by apt and
 * unpacked there, which installs nothing, starts nothing and needs no privilege. Two processes may do it at once.
 *
 * @param packages the first one gives the folder its name and version; the others are unpacked into the same folder
 * @throws Error where there is no apt, no list of packages or no network
 */
export async function unpackDebianPackage(
  packages: readonly [string, ...string[]],
  { as, suites = [] }: DebianPackageOptions = {},
): Promise<string> {
  const [first] = packages;
  const name = as ?? first;
  const cache = cacheDir();
  await mkdir(cache, { recursive: true });
  const prefix = `${name}-debian-`;
  const cached = (await readdir(cache)).filter((entry) => entry.startsWith(prefix)).sort();
  const newest = cached.at(-1);
  if (newest !== undefined) return join(cache, newest);

  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    await (suites.length > 0 ? downloadFrom(suites, packages, work) : download(packages, work));
    const files = (await readdir(work)).filter((file) => file.endsWith('.deb'));
    const root = join(work, 'root');
    for (const file of files) await mustRun('dpkg', ['-x', join(work, file), root]);
    // nats-server_2.9.10-1+b3_amd64.deb
    const version = files.find((file) => file.startsWith(`${first}_`))?.split('_')[1] ?? 'unknown';
    const folder = join(cache, `${prefix}${version.replace(/[^\w.+~-]/g, '_')}`);
    await rename(root, folder).catch(async (error: unknown) => {
      // Another process was faster, and its folder is as good as ours.
      if (!(await readdir(folder).catch(() => undefined))) throw error;
    });
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(packages: readonly string[], cwd: string): Promise<void> {
  const options = { cwd, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  const first = await run('apt-get', ['download', ...packages], options);
  if (first.code === 0) return;
  // A machine made from an image has no lists, or lists so old that the files are gone; only root can renew them.
  if (process.getuid?.() !== 0) throw new Error(`apt-get download ${packages.join(' ')}: ${first.stderr.trim()}`);
  await mustRun('apt-get', ['update'], options);
  await mustRun('apt-get', ['download', ...packages], options);
}

/** With lists of packages of our own, so that the machine's stay as they are. */
async function downloadFrom(suites: readonly string[], packages: readonly string[], cwd: string): Promise<void> {
  const lines = suites.map((suite) => `deb [signed-by=${KEYRING}] ${ARCHIVE} ${suite} main\n`);
  await writeFile(join(cwd, 'sources.list'), lines.join(''));
  for (const folder of ['lists/partial', 'cache/archives/partial']) await mkdir(join(cwd, folder), { recursive: true });
  const settings = {
    'Dir::Etc::sourcelist': join(cwd, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(cwd, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(cwd, 'cache'),
  };
  const common = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const options = { cwd, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  await mustRun('apt-get', [...common, 'update'], options);
  await mustRun('apt-get', [...common, '-t', suites.at(-1) ?? '', 'download', ...packages], options);
}
