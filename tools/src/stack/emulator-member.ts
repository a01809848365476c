import { join } from 'node:path';
import type { ServerProcess } from '@sallyport/testing';
import { root } from '../settings.js';
import type { StateFolder } from '../state/state-folder.js';
import { randomPassword } from '../state/random.js';
import { NodeProcess } from './node-process.js';

/** Where the emulated cloud is, and what it takes for a signature. */
export interface Cloud {
  /** `host:port` */
  endpoint: string;
  regionId: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** Bearer token of the calls under /__emulator/. */
  adminToken: string;
}

/** The local stand-in for KMS and ECS, with its simulated instances. */
export class EmulatorMember extends NodeProcess {
  readonly #found: { cloud: Cloud | undefined };

  constructor(state: StateFolder) {
    const accessKeyId = `LTAI${state.secret('kms-access-key-id', randomPassword).slice(0, 20)}`;
    const accessKeySecret = state.secret('kms-access-key-secret', randomPassword);
    const adminToken = state.secret('emulator-admin-token', randomPassword);
    const found: { cloud: Cloud | undefined } = { cloud: undefined };
    super({
      name: 'cloud-emulator',
      script: join(root, 'services/cloud-emulator/dist/main.js'),
      environment: () => ({
        // The first start chooses a port, and everybody else is told; a restart must keep it.
        SALLYPORT_EMULATOR_PORT: found.cloud?.endpoint.split(':').at(-1) ?? '0',
        SALLYPORT_EMULATOR_STATE_DIR: state.folder('cloud-emulator'),
        SALLYPORT_EMULATOR_ACCESS_KEY_ID: accessKeyId,
        SALLYPORT_EMULATOR_ACCESS_KEY_SECRET_FILE: state.secretFile('kms-access-key-secret'),
        SALLYPORT_EMULATOR_ADMIN_TOKEN_FILE: state.secretFile('emulator-admin-token'),
      }),
      logFile: state.log('cloud-emulator'),
      isReady: (process) => {
        const listening = readListening(process);
        if (listening) found.cloud = { ...listening, accessKeyId, accessKeySecret, adminToken };
        return listening !== undefined;
      },
    });
    this.#found = found;
  }

  get cloud(): Cloud {
    if (!this.#found.cloud) throw new Error('the emulator has not been started');
    return this.#found.cloud;
  }
}

/** From its line `{"listening":{"endpoint":…,"regionId":…}}`. */
function readListening({ lines }: ServerProcess): { endpoint: string; regionId: string } | undefined {
  const line = lines.find((each) => each.startsWith('{"listening":'));
  if (line === undefined) return undefined;
  const { listening } = JSON.parse(line) as { listening: { endpoint: string; regionId: string } };
  return listening;
}
