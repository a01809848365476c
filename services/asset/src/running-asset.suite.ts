import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IdentityName } from '@sallyport/messaging/deployment';
import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
} from '@sallyport/messaging/deployment';
import { inboxPrefix, NatsBus } from '@sallyport/messaging';
import { publicKeyFromPem } from '@sallyport/sealing';
import type { NatsServer, PostgresServer } from '@sallyport/testing';
import { ServerProcess, startNats, startPostgres, waitFor } from '@sallyport/testing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';

type Connection = Awaited<ReturnType<typeof connectWithSeed>>;

export const ADMIN = { username: 'admin', password: 'correct horse battery' };

export interface RecordedEvent {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

/** The built service as a process of its own, with real NATS, permissions and streams as in production, and PostgreSQL. */
export interface RunningAsset {
  readonly nats: NatsServer;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  /** Speaks as `api` or `session` would. */
  readonly api: NatsBus;
  readonly session: NatsBus;
  /** Sends what no Bus would: data that fits no contract. The packet that comes back is Nest's. */
  raw(as: 'api' | 'session', subject: string, data: unknown): Promise<unknown>;
  /** As the broker, which answers what asset asks. */
  readonly broker: Connection;
  readonly signer: TokenSigner;
  readonly verifier: TokenVerifier;
  /** Passwords are sealed to it. */
  readonly sealTo: string;
  /** What reached the stream, oldest first. */
  readonly events: RecordedEvent[];
  /** The data of all events so far of a name, such as `user.created`. */
  recorded(name: string): Promise<Record<string, unknown>[]>;
  /** Takes the audit stream away while `work` runs. */
  withoutStream(work: () => Promise<void>): Promise<void>;
  /** A further replica on the same database. */
  startReplica(env?: Record<string, string>): Promise<ServerProcess>;
  stop(): Promise<void>;
}

export async function startAsset(ecsEndpoint: string): Promise<RunningAsset> {
  const nkeys = new Map(identityNames.map((name) => [name, newNkey()]));
  const nkey = (name: IdentityName) => nkeys.get(name) ?? newNkey();
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkey(name).publicKey]));
  const [nats, postgres] = await Promise.all([
    startNats({ config: natsAccountsConfig(identitiesFrom(publicKeys as Record<IdentityName, string>)) }),
    startPostgres(),
  ]);
  const operator = await connectWithSeed(nats.url, nkey('operator').seed);
  await setUpStreams(operator);
  const events: RecordedEvent[] = [];
  const listen = () =>
    operator.subscribe('audit.>', {
      callback: (error, message) => {
        if (error) return;
        const event = message.json<RecordedEvent>();
        // A publisher that was not answered in time sends it again; the stream keeps one of them.
        if (!events.some(({ id }) => id === event.id)) events.push(event);
      },
    });
  let ear = listen();
  const as = (name: 'api' | 'session' | 'secret-broker'): Promise<Connection> =>
    connectWithSeed(nats.url, nkey(name).seed, { inboxPrefix: inboxPrefix(name) });
  const [api, session, broker] = await Promise.all([as('api'), as('session'), as('secret-broker')]);

  const signing = pemPair('ed25519');
  const sealing = pemPair('x25519');
  const factorKey = randomBytes(32).toString('base64');
  const databaseUrl = await postgres.createDatabase('asset');
  const replicas: ServerProcess[] = [];
  const startReplica = async (env: Record<string, string> = {}): Promise<ServerProcess> => {
    const replica = new ServerProcess(process.execPath, ['dist/main.js'], {
      env: {
        NATS_URL: nats.url,
        NATS_SEED: nkey('asset').seed,
        POSTGRES_URL: databaseUrl,
        ASSET_SIGNING_PUBLIC_KEY: signing.publicKey,
        ASSET_SIGNING_PRIVATE_KEY: signing.privateKey,
        ASSET_SEALING_PRIVATE_KEY: sealing.privateKey,
        ASSET_FACTOR_KEY: factorKey,
        ASSET_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
        ASSET_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
        ECS_ENDPOINT: ecsEndpoint,
        ALIBABA_CLOUD_ACCESS_KEY_ID: 'testid',
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'testsecret',
        // Only the tests of it let it look.
        ASSET_WATCH_SECONDS: '86400',
        ...env,
      },
    });
    replicas.push(replica);
    await waitFor(() => !replica.running || replica.lines.some((line) => line.includes('"ready"')), {
      timeoutMs: 90_000,
      what: 'asset to be ready',
    });
    if (!replica.running) throw new Error(`asset did not start: ${replica.tail()}`);
    return replica;
  };
  await startReplica();

  return {
    nats,
    postgres,
    databaseUrl,
    api: new NatsBus(api),
    session: new NatsBus(session),
    raw: async (as, subject, data) => {
      const packet = JSON.stringify({ pattern: subject, id: '1', data });
      const connection = as === 'api' ? api : session;
      return (await connection.request(subject, packet, { timeout: 30_000 })).json();
    },
    broker,
    signer: TokenSigner.fromPem(signing.privateKey),
    verifier: TokenVerifier.fromPem(signing.publicKey),
    sealTo: publicKeyFromPem(sealing.publicKey),
    events,
    recorded: async (name) => {
      // The server has put an event on our line before it acknowledged it; the round trip makes sure that it is here.
      await operator.flush();
      return events.filter((event) => event.type === `io.sallyport.${name}.v1`).map((event) => event.data);
    },
    withoutStream: async (work) => {
      // With an ear left, a publisher would wait twice for an answer, which is about as long as who asks it waits for one.
      ear.unsubscribe();
      await operator.request('$JS.API.STREAM.DELETE.AUDIT', '', { timeout: 30_000 });
      try {
        await work();
      } finally {
        ear = listen();
        await setUpStreams(operator);
      }
    },
    startReplica,
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all([operator, api, session, broker].map((connection) => connection.close()));
      await Promise.all([nats.stop(), postgres.stop()]);
    },
  };
}

function pemPair(type: 'ed25519' | 'x25519'): { publicKey: string; privateKey: string } {
  const { publicKey, privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
