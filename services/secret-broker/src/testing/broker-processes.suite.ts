import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@sallyport/contracts';
import { inboxPrefix, NatsBus } from '@sallyport/messaging';
import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
} from '@sallyport/messaging/deployment';
import type { IdentityName } from '@sallyport/messaging/deployment';
import { publicKeyFromPem } from '@sallyport/sealing';
import { freePort, ServerProcess, startNats, waitFor } from '@sallyport/testing';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll } from 'vitest';
import { documentedUsers } from '../kms/documented-users.suite.js';
import { startEmulator } from '../kms/start-emulator.suite.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

function keyPair(pair: ReturnType<typeof generateKeyPairSync>) {
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export interface TestBrokerProcess {
  readonly process: ServerProcess;
  /** What it answers to `/metrics`. */
  metrics(): Promise<string>;
}

/** Brokers as processes of their own, on a real NATS with every service's permissions, and the emulator as KMS. */
export async function startWorld() {
  const nkeys = Object.fromEntries(identityNames.map((name) => [name, newNkey()])) as Record<
    IdentityName,
    ReturnType<typeof newNkey>
  >;
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkeys[name].publicKey])) as Record<
    IdentityName,
    string
  >;
  const [nats, emulator] = await Promise.all([
    startNats({ config: natsAccountsConfig(identitiesFrom(publicKeys)) }),
    startEmulator(),
  ]);
  afterAll(() => nats.stop());
  const { reader, administrator } = await documentedUsers(emulator);
  const signing = keyPair(generateKeyPairSync('ed25519'));
  const sealing = keyPair(generateKeyPairSync('x25519'));

  const connectAs = async (name: ServiceName) => {
    const connection = await connectWithSeed(nats.url, nkeys[name].seed, { inboxPrefix: inboxPrefix(name) });
    afterAll(() => connection.close());
    return connection;
  };
  const operator = await connectWithSeed(nats.url, nkeys.operator.seed);
  afterAll(() => operator.close());
  await setUpStreams(operator);
  const messages: { subject: string; text: string }[] = [];
  operator.subscribe('>', {
    callback: (_, message) => {
      messages.push({ subject: message.subject, text: message.string() });
    },
  });

  /** @param changes to its environment; undefined takes a setting away */
  const startBroker = async (changes: Record<string, string | undefined> = {}): Promise<TestBrokerProcess> => {
    const healthPort = await freePort();
    const broker = new ServerProcess(process.execPath, [main], {
      env: {
        NATS_URL: nats.url,
        SALLYPORT_HEALTH_PORT: String(healthPort),
        NATS_SEED: nkeys['secret-broker'].seed,
        ASSET_SIGNING_PUBLIC_KEY: signing.publicKey,
        BROKER_SEALING_PRIVATE_KEY: sealing.privateKey,
        KMS_ENDPOINT: emulator.endpoint,
        KMS_REGION_ID: emulator.regionId,
        ALIBABA_CLOUD_ACCESS_KEY_ID: reader.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: reader.accessKeySecret,
        KMS_ADMIN_ACCESS_KEY_ID: administrator.accessKeyId,
        KMS_ADMIN_ACCESS_KEY_SECRET: administrator.accessKeySecret,
        LOG_LEVEL: 'trace',
        ...changes,
      },
    });
    afterAll(() => broker.stop());
    await waitFor(
      () => {
        if (!broker.running) throw new Error(broker.tail());
        return broker.lines.some((line) => line.includes('"ready"'));
      },
      { timeoutMs: 90_000, what: 'the broker to be ready' },
    );
    const metrics = async () => (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    return { process: broker, metrics };
  };
  return {
    emulator,
    /** Access keys of the broker's two identities. */
    users: { reader, administrator },
    startBroker,
    connectAs,
    /** Everything that crossed NATS in the services' account. */
    messages,
    bus: async (name: ServiceName) => new NatsBus(await connectAs(name)),
    signer: TokenSigner.fromPem(signing.privateKey),
    sealingKey: publicKeyFromPem(sealing.publicKey),
  };
}
