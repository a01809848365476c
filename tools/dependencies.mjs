// @ts-check
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, root } from './command.mjs';
import { step } from './progress.mjs';

const INSTALLED = join(root, 'node_modules/.package-lock.json');
const PATCHES = join(root, 'tools/patches');
const PATCHED = join(root, 'node_modules/.sallyport-patches');

/**
 * @typedef {{ version?: string, optional?: boolean }} Entry
 * @param {string} file
 * @returns {Promise<Record<string, Entry> | undefined>} undefined when there is no such file
 */
async function packagesIn(file) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * Whether node_modules holds what package-lock.json asks for, by the list that npm leaves there, and no patch was changed
 * or taken away since it was applied.
 */
export async function dependenciesAreInstalled() {
  const wanted = await packagesIn(join(root, 'package-lock.json'));
  const installed = await packagesIn(INSTALLED);
  if (!wanted || !installed) return false;
  const patched = await readFile(PATCHED, 'utf8').catch(() => undefined);
  if (patched !== undefined && patched !== (await hashOfPatches())) return false;
  return Object.entries(wanted).every(([path, { version, optional = false }]) => {
    if (!path.includes('node_modules/')) return true; // one of our own workspaces
    const found = installed[path];
    return found ? found.version === version : optional;
  });
}

/** No package may run a script of its own here; `buildNativeAddons` names those that must. */
export async function installDependencies() {
  await command('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Applies tools/patches to node_modules, once. */
export async function patchDependencies() {
  const hash = await hashOfPatches();
  if (hash === '' || (await readFile(PATCHED, 'utf8').catch(() => '')) === hash) return;
  await step('patching dependencies', () =>
    command(process.execPath, [
      'node_modules/patch-package/index.js',
      '--patch-dir',
      'tools/patches',
      '--error-on-fail',
    ]),
  );
  await writeFile(PATCHED, hash);
}

/** @returns {Promise<string>} empty when there is no patch */
async function hashOfPatches() {
  const names = await readdir(PATCHES).catch(() => []);
  const patches = names.filter((name) => name.endsWith('.patch')).sort();
  if (patches.length === 0) return '';
  const hash = createHash('sha256');
  for (const name of patches) hash.update(name).update(await readFile(join(PATCHES, name)));
  return hash.digest('hex');
}
