import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { PingReplicaV1, UserId, type IdentityClaims, type ServiceName } from '@sallyport/contracts';
import { inboxPrefix, JetStreamAuditPublisher, NatsBus } from '@sallyport/messaging';
import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
  type IdentityName,
} from '@sallyport/messaging/deployment';
import { publicKeyFromPem, seal } from '@sallyport/sealing';
import { logger } from '@sallyport/telemetry';
import { run, ServerProcess, startNats, startPostgres, tempDir, waitFor } from '@sallyport/testing';
import { TokenSigner } from '@sallyport/tokens';
import { NoteSigner } from '@sallyport/transparency';

/** The audit service as processes of its own, on a real NATS server and a real PostgreSQL. */
export async function startAudit() {
  const signing = generateKeyPairSync('ed25519');
  const nkeys = new Map(identityNames.map((name) => [name, newNkey()] as const));
  const nkey = (name: IdentityName) => nkeys.get(name) ?? newNkey();
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkey(name).publicKey]));
  const [nats, postgres] = await Promise.all([
    startNats({ config: natsAccountsConfig(identitiesFrom(publicKeys as Record<IdentityName, string>)) }),
    startPostgres(),
  ]);
  const database = `audit_${randomUUID().replaceAll('-', '')}`;
  const ownerUrl = await postgres.createDatabase(database);
  const servicePassword = randomUUID();
  await postgres.query(`CREATE ROLE audit_service LOGIN PASSWORD '${servicePassword}'`);
  const databaseUrl = `postgres://audit_service:${servicePassword}@127.0.0.1:${postgres.port}/${database}`;
  const migrate = async (env: Record<string, string> = {}): Promise<void> => {
    const migrated = await run(process.execPath, ['dist/migrate.js'], {
      env: { POSTGRES_OWNER_URL: ownerUrl, AUDIT_SERVICE_ROLE: 'audit_service', ...env },
    });
    if (migrated.code !== 0) throw new Error(migrated.stderr);
  };
  await migrate();
  const logKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sealing = generateKeyPairSync('x25519');
  const logEnvironment = {
    AUDIT_LOG_ORIGIN: 'test.example/log',
    AUDIT_LOG_PRIVATE_KEY: logKey,
    AUDIT_SEALING_PRIVATE_KEY: sealing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    AUDIT_DELIVERY_NETWORKS: '127.0.0.0/8',
    AUDIT_RECORDING_FOLDER: tempDir(),
    AUDIT_RECORDING_KEY: randomBytes(32).toString('base64'),
    AUDIT_RECORDING_LOST_SECONDS: '3',
  };
  const operator = await connectWithSeed(nats.url, nkey('operator').seed, { inboxPrefix: '_INBOX' });
  await setUpStreams(operator);
  const connections = [operator];
  const connectAs = async (name: ServiceName) => {
    const connection = await connectWithSeed(nats.url, nkey(name).seed, { inboxPrefix: inboxPrefix(name) });
    connections.push(connection);
    return connection;
  };
  const processes: ServerProcess[] = [];
  const bus = new NatsBus(await connectAs('api'));
  const signer = TokenSigner.fromPem(signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

  return {
    nats,
    postgres,
    bus,
    verifierKey: new NoteSigner(logEnvironment.AUDIT_LOG_ORIGIN, logKey).verifierKey,
    /** `postgres://…` of the owner of the tables, and of the role that the service has. */
    urls: { owner: ownerUrl, service: databaseUrl },
    database,
    /** Prepares the tables as their owner does, once more. */
    migrate,
    /** As the api seals the key of a webhook. */
    sealed: (secret: string, name: string) =>
      seal(
        publicKeyFromPem(sealing.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
        Buffer.from(secret),
        name,
      ),
    /** Rows of the audit database, as its superuser. */
    query: (statement: string) => postgres.query(statement, database),
    connectAs,
    /** What NATS says to an administrator of streams. */
    askNats: async (subject: string, payload = ''): Promise<unknown> =>
      (await operator.request(subject, payload, { timeout: 30_000 })).json(),
    /** A session process that lives, as far as anybody who asks can tell. @returns its name */
    liveReplica: async (): Promise<string> => {
      const replica = randomUUID();
      const connection = await connectAs('session');
      connection.subscribe(`${PingReplicaV1.subject}.${replica}`, {
        callback: (_error, message) => {
          message.respond(JSON.stringify({ id: message.json<{ id: string }>().id, isDisposed: true, response: {} }));
        },
      });
      await connection.flush();
      return replica;
    },
    publisher: async (service: ServiceName) =>
      new JetStreamAuditPublisher(await connectAs(service), service, logger('test', 'silent')),
    /** What a service could publish that its code does not. */
    publishRaw: async (service: ServiceName, subject: string, payload: string | Uint8Array) => {
      await (await connectAs(service)).request(subject, payload, { timeout: 30_000 });
    },
    actor: (claims: Partial<IdentityClaims>) =>
      signer.identity(
        {
          use: 'rest',
          userId: UserId.parse(randomUUID()),
          username: 'someone',
          roles: ['auditor'],
          method: 'token',
          clientAddress: '127.0.0.1',
          ...claims,
        },
        600,
      ),
    /** Starts one more replica and waits until it is ready. */
    start: async (env: Record<string, string> = {}): Promise<ServerProcess> => {
      const child = new ServerProcess(process.execPath, ['dist/main.js'], {
        env: {
          NATS_URL: nats.url,
          NATS_SEED: nkey('audit').seed,
          ASSET_SIGNING_PUBLIC_KEY: signing.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
          POSTGRES_URL: databaseUrl,
          AUDIT_CHECKPOINT_SECONDS: '1',
          ...logEnvironment,
          ...env,
        },
      });
      processes.push(child);
      await waitFor(() => !child.running || child.lines.some((line) => line.includes('"msg":"ready"')), {
        what: 'audit to be ready',
        timeoutMs: 90_000,
      });
      if (!child.running) throw new Error(child.tail());
      return child;
    },
    /** How many events are in the log, less those of who looked at it: these come when they come. */
    count: async (): Promise<number> => {
      const [row] = await postgres.query(
        "SELECT count(*)::int AS count FROM event WHERE type <> 'io.sallyport.audit-log.viewed.v1'",
        database,
      );
      return Number(row?.['count']);
    },
    /** A counter, of all replicas that run: those that have counted nothing have none. */
    metric: async (name: string): Promise<number> => {
      const counts = processes.map(async ({ lines }) => {
        const port = lines.map((line) => /"healthPort":(\d+)/.exec(line)?.[1]).find((found) => found !== undefined);
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)`, 'm').exec(text)?.[1] ?? 0);
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    /** All replicas, as an operator would unless told; but for the one that was started last, on demand. */
    stopServices: async ({
      butLast = false,
      ...how
    }: Parameters<ServerProcess['stop']>[0] & { butLast?: boolean } = {}): Promise<void> => {
      const ending = processes.splice(0, processes.length - Number(butLast));
      await Promise.all(ending.map((child) => child.stop(how)));
    },
    stop: async () => {
      await Promise.all(processes.map((child) => child.stop()));
      await Promise.all(connections.map((connection) => connection.close()));
      await Promise.all([nats.stop(), postgres.stop()]);
    },
  };
}
export type Audit = Awaited<ReturnType<typeof startAudit>>;

/** Waits until the log holds this many events. */
export const stored = (audit: Audit, count: number): Promise<unknown> =>
  waitFor(async () => (await audit.count()) >= count, { what: `${count} events in the log`, timeoutMs: 90_000 });
