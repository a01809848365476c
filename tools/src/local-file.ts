import type { Settings } from './settings.js';
import { natsSeed } from './stack/nats-member.js';
import type { Cloud } from './stack/emulator-member.js';
import { auditLogKey, auditWitnessFile } from './stack/service-environments.js';
import type { StateFolder } from './state/state-folder.js';

interface Person {
  username: string;
  password: string;
}

/** `.sallyport/local.json`: what a person or a test needs to use this installation (design, section 7). */
export interface LocalFile {
  ssh: { host: string; port: number };
  /** Origin of the REST, without a path. */
  api: string;
  nats: { url: string; subscriber: { seed: string } };
  kms: { endpoint: string; regionId: string; accessKeyId: string; accessKeySecret: string };
  /** The log's key, and where its checkpoints are kept besides: what `sallyport verify` needs. */
  audit: { verifierKey: string; witnessFile: string };
  users: { admin: Person; auditor: Person; alice: Person & { privateKeyFile: string } };
  instances: { instanceId: string; name: string; regionId: string }[];
}

export function localFile(
  state: StateFolder,
  settings: Settings,
  { natsUrl, cloud, users, instances }: { natsUrl: string; cloud: Cloud } & Pick<LocalFile, 'users' | 'instances'>,
): LocalFile {
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud;
  return {
    ssh: { host: '127.0.0.1', port: settings.sshPort },
    api: `http://127.0.0.1:${settings.httpPort}`,
    nats: { url: natsUrl, subscriber: { seed: natsSeed(state, 'subscriber') } },
    kms: { endpoint, regionId, accessKeyId, accessKeySecret },
    audit: {
      verifierKey: auditLogKey(state),
      witnessFile: auditWitnessFile(state),
    },
    users,
    instances: instances.map(({ instanceId, name, regionId: region }) => ({ instanceId, name, regionId: region })),
  };
}
