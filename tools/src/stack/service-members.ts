import { join, resolve } from 'node:path';
import { serviceNames } from '@sallyport/contracts';
import { freePort } from '@sallyport/testing';
import { root } from '../settings.js';
import { answers, NodeProcess } from './node-process.js';
import { serviceEnvironments } from './service-environments.js';
import type { Surroundings } from './service-environments.js';

/** The five services, each a process of its own that is ready when its /readyz says so. */
export async function serviceMembers(around: Surroundings): Promise<NodeProcess[]> {
  const environments = await serviceEnvironments(around);
  return Promise.all(
    serviceNames.map(async (name) => {
      const healthPort = await freePort();
      return new NodeProcess({
        name,
        script: join(root, 'services', name, 'dist/main.js'),
        nodeOptions: name === 'session' ? profiling(around.settings.profileFolder) : [],
        environment: () => ({ ...environments[name], SALLYPORT_HEALTH_PORT: String(healthPort) }),
        logFile: around.state.log(name),
        isReady: () => answers(`http://127.0.0.1:${healthPort}/readyz`),
      });
    }),
  );
}

function profiling(folder: string | undefined): string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`];
}
