import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@sallyport/contracts';
import { NoteSigner } from '@sallyport/transparency';
import type { Settings } from '../settings.js';
import { keyFiles } from '../state/keys.js';
import { ensureSshKey } from '../state/ssh-key.js';
import { randomId, randomPassword } from '../state/random.js';
import type { StateFolder } from '../state/state-folder.js';
import type { Cloud } from './emulator-member.js';
import { natsSeedFile } from './nats-member.js';
import { ramKey } from './ram-users.js';
import type { RamUser } from './ram-users.js';

/** What the services are told about the world around them. */
export interface Surroundings {
  state: StateFolder;
  settings: Settings;
  natsUrl: string;
  databaseUrls: Record<'asset' | 'audit', string>;
  cloud: Cloud;
}

type Environment = Record<string, string>;

/** The first administrator's name, as everywhere in the demo. */
export const adminName = 'admin';

/** The log's name, an installation's own: two of them never sign as one. */
export const auditLogOrigin = (state: StateFolder): string =>
  `sallyport.local/${state.secret('audit-log-id', randomId)}`;
/** The public half of its key, C2SP signed-note. */
export function auditLogKey(state: StateFolder): string {
  const { privateKeyFile } = keyFiles(state, 'audit-log', 'ed25519');
  return new NoteSigner(auditLogOrigin(state), readFileSync(privateKeyFile, 'utf8')).verifierKey;
}
/** Remembers the log's checkpoints outside of the database. */
export const auditWitnessFile = (state: StateFolder): string => join(state.path, 'audit-checkpoints.ndjson');

/**
 * For each service its own settings and no others: the names are those of its config schema, and what is secret comes as
 * a file of mode 0600.
 */
export async function serviceEnvironments(around: Surroundings): Promise<Record<ServiceName, Environment>> {
  const { state, settings, natsUrl, cloud } = around;
  const signing = keyFiles(state, 'asset-signing', 'ed25519');
  const assetSealing = keyFiles(state, 'asset-sealing', 'x25519');
  const auditLog = keyFiles(state, 'audit-log', 'ed25519');
  const auditSealing = keyFiles(state, 'audit-sealing', 'x25519');
  const brokerSealing = keyFiles(state, 'broker-sealing', 'x25519');
  state.secret('asset-factor-key', () => randomBytes(32).toString('base64'));
  state.secret('recording-key', () => randomBytes(32).toString('base64'));
  state.secret(`user-${adminName}`, randomPassword);

  const base = (name: ServiceName): Environment => ({
    NATS_URL: natsUrl,
    NATS_SEED_FILE: natsSeedFile(state, name),
    ASSET_SIGNING_PUBLIC_KEY_FILE: signing.publicKeyFile,
    ...(settings.otlpEndpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint }),
  });
  const hostKey = (type: 'ed25519' | 'rsa') => ensureSshKey(state.secretFile(`ssh-host-${type}`), type, 'sallyport');
  const hostKeys = { ed25519: await hostKey('ed25519'), rsa: await hostKey('rsa') };
  const publicHostKeys = Object.values(hostKeys).map((file) => readFileSync(`${file}.pub`, 'utf8'));
  const postgres = (name: 'asset' | 'audit'): Environment => ({
    POSTGRES_URL_FILE: state.write(`secrets/postgres-url-${name}`, around.databaseUrls[name]),
  });
  const accessKey = (prefix: 'ALIBABA_CLOUD' | 'KMS_ADMIN', user: RamUser): Environment => {
    const { accessKeyId, accessKeySecretFile } = ramKey(state, user);
    return { [`${prefix}_ACCESS_KEY_ID`]: accessKeyId, [`${prefix}_ACCESS_KEY_SECRET_FILE`]: accessKeySecretFile };
  };
  return {
    asset: {
      ...base('asset'),
      ...postgres('asset'),
      ...accessKey('ALIBABA_CLOUD', 'sallyport-hosts'),
      ECS_ENDPOINT: `http://${cloud.endpoint}`,
      ASSET_SIGNING_PRIVATE_KEY_FILE: signing.privateKeyFile,
      ASSET_SEALING_PRIVATE_KEY_FILE: assetSealing.privateKeyFile,
      ASSET_FACTOR_KEY_FILE: state.secretFile('asset-factor-key'),
      ASSET_BOOTSTRAP_ADMIN_USERNAME: adminName,
      ASSET_BOOTSTRAP_ADMIN_PASSWORD_FILE: state.secretFile(`user-${adminName}`),
      ...settings.asset,
    },
    'secret-broker': {
      ...base('secret-broker'),
      ...accessKey('ALIBABA_CLOUD', 'sallyport-reader'),
      ...accessKey('KMS_ADMIN', 'sallyport-administrator'),
      KMS_ENDPOINT: `http://${cloud.endpoint}`,
      KMS_REGION_ID: cloud.regionId,
      BROKER_SEALING_PRIVATE_KEY_FILE: brokerSealing.privateKeyFile,
    },
    session: {
      ...base('session'),
      SESSION_SSH_HOST: '127.0.0.1',
      SESSION_SSH_PORT: String(settings.sshPort),
      SESSION_HOST_KEY_ED25519_FILE: hostKeys.ed25519,
      SESSION_HOST_KEY_RSA_FILE: hostKeys.rsa,
      ASSET_SEALING_PUBLIC_KEY_FILE: assetSealing.publicKeyFile,
      // Who presses Ctrl-C does not want to wait for the shells that are open.
      SESSION_DRAIN_SECONDS: '2',
      ...settings.session,
    },
    audit: {
      ...base('audit'),
      ...postgres('audit'),
      AUDIT_LOG_PRIVATE_KEY_FILE: auditLog.privateKeyFile,
      AUDIT_LOG_ORIGIN: auditLogOrigin(state),
      AUDIT_SEALING_PRIVATE_KEY_FILE: auditSealing.privateKeyFile,
      // Whoever tries a receiver of events here has it on this machine.
      AUDIT_DELIVERY_NETWORKS: '127.0.0.0/8, ::1',
      AUDIT_WITNESS_FILE: auditWitnessFile(state),
      AUDIT_RECORDING_FOLDER: state.folder('recordings'),
      AUDIT_RECORDING_KEY_FILE: state.secretFile('recording-key'),
      // All on one machine: who does not answer for so long is gone.
      AUDIT_RECORDING_LOST_SECONDS: '10',
    },
    api: {
      ...base('api'),
      API_HOST: '127.0.0.1',
      API_PORT: String(settings.httpPort),
      API_SSH_HOST: '127.0.0.1',
      API_SSH_PORT: String(settings.sshPort),
      API_SSH_HOST_KEYS_FILE: state.write('ssh-host-keys.pub', publicHostKeys.join('')),
      ASSET_SEALING_PUBLIC_KEY_FILE: assetSealing.publicKeyFile,
      AUDIT_SEALING_PUBLIC_KEY_FILE: auditSealing.publicKeyFile,
      BROKER_SEALING_PUBLIC_KEY_FILE: brokerSealing.publicKeyFile,
    },
  };
}
