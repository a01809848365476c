// @ts-check
// What every command does first in a clone: check Node, install what is missing, build. Quick when nothing changed.
import { command, nx, nxEnvironment } from './command.mjs';
import { buildNativeAddons } from './native-addons.mjs';
import { dependenciesAreInstalled, installDependencies, patchDependencies } from './dependencies.mjs';
import { Failure, step } from './progress.mjs';

const OLDEST_NODE = [20, 19];

/** @throws {Failure} when something is missing that we cannot get */
export async function bootstrap() {
  checkNode(process.versions.node);
  if (!(await dependenciesAreInstalled())) await step('installing dependencies', installDependencies);
  await patchDependencies();
  await buildNativeAddons();
  await step('building', () => command(...nx(['build'], ['--parallel=2']), { env: nxEnvironment }));
}

/** @param {string} version */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Failure(`Sallyport needs Node.js ${OLDEST_NODE.join('.')} or newer, and this is ${version}.`);
}
