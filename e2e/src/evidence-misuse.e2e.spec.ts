import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  allEvents,
  allRequests,
  AuthenticateUserV1,
  AuthorizeAccessV1,
  ListTargetsV1,
  PinHostKeyV1,
  ReportHostKeyV1,
  SessionId,
  UserId,
  type IdentityClaims,
  type StoredEvent,
} from '@sallyport/contracts';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner } from '@sallyport/tokens';
import { waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { aliceSigns, CapturedSession, connectAsSession, type Claim } from './support/captured-session.js';
import { createSecret, importAccount, importHost } from './support/real-host.js';
import { home, local, logFile, signInAs } from './support/sallyport.js';
import { newHostKey, registerSilentHost } from './support/silent-host.js';
import { readState } from './support/start-sallyport.js';

let admin: RestClient;
let auditor: RestClient;
let session: CapturedSession;
let end: () => Promise<void>;
beforeAll(async () => {
  [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
  ({ session, end } = await CapturedSession.start());
});
afterAll(() => end());

describe('B11: what a client proved', () => {
  async function expectRefused(claim: Claim, reason: string): Promise<void> {
    const attempt = session.bus.request(AuthenticateUserV1, claim);
    await expect(attempt).rejects.toMatchObject({ code: 'access.unauthenticated', message: 'not authenticated' });
    const { connection, username } = claim;
    await eventsOf(
      auditor,
      'user.authentication-failed',
      ({ data }) => data['connection'] === connection && data['username'] === username && data['reason'] === reason,
    );
  }

  it('is good once', async () => {
    const claim = aliceSigns('alice@root@web-1');
    await session.bus.request(AuthenticateUserV1, claim);
    await expectRefused(claim, 'replayed');
  });

  it('is good for its own connection alone', async () => {
    const { evidence } = aliceSigns();
    await expectRefused({ ...aliceSigns(), evidence }, 'malformed');
    await expectRefused(aliceSigns('alice', { sessionId: randomBytes(32) }), 'malformed');
  });

  it.each<[string, Partial<Claim>, string]>([
    ['the name of somebody else', { username: local.users.admin.username }, 'malformed'],
    ['a signature for another name', { sshUserName: 'alice@root@web-2' }, 'malformed'],
  ])('does not go with %s', async (_, change, reason) => {
    await expectRefused({ ...aliceSigns('alice@root@web-1'), ...change }, reason);
  });

  it('is nobody else’s key: A5', async () => {
    await expectRefused(aliceSigns(local.users.admin.username), 'unknown-key');
    await expectRefused(aliceSigns('nobody-of-this-name'), 'unknown-user');
  });
});

describe('B11: an identity', () => {
  const alice: IdentityClaims = {
    use: 'ssh',
    userId: UserId.parse(randomUUID()),
    username: 'alice',
    roles: ['operator'],
    method: 'publickey',
    clientAddress: '192.0.2.7',
    connection: 'a'.repeat(64),
  };
  const assetKey = readState(home, 'secrets', 'asset-signing.pem');
  const strangeKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const past = () => new Date(Date.now() - 300_000);

  it.each<[string, () => Promise<string>, string]>([
    ['for the REST', () => TokenSigner.fromPem(assetKey).identity({ ...alice, use: 'rest' }, 60), 'another use'],
    ['that is too old', () => TokenSigner.fromPem(assetKey, past).identity(alice, 120), 'ERR_JWT_EXPIRED'],
    ['that is forged', () => TokenSigner.fromPem(strangeKey).identity(alice, 120), 'SIGNATURE_VERIFICATION_FAILED'],
  ])('%s opens nothing', async (_, make, reason) => {
    const sessionId = SessionId.parse(randomUUID());
    const { publicKey: sealTo } = await SealingKey.generate();
    const request = { identity: await make(), sessionId, target: { host: 'web-1' }, sealTo };
    const attempt = session.bus.request(AuthorizeAccessV1, request);
    await expect(attempt).rejects.toMatchObject({ code: 'access.unauthenticated' });
    const [event] = await eventsOf(auditor, 'token.refused', ({ data }) => data['sessionId'] === sessionId);
    expect(event?.data).toMatchObject({ operation: AuthorizeAccessV1.subject, code: 'access.unauthenticated' });
    expect(event?.data['reason']).toContain(reason);
  });

  it.each<[string, () => Promise<string>]>([
    ['that is too old', () => TokenSigner.fromPem(assetKey, past).identity(alice, 120)],
    ['that is forged', () => TokenSigner.fromPem(strangeKey).identity(alice, 120)],
  ])('%s lists no targets', async (_, make) => {
    const startedAt = new Date().toISOString();
    const attempt = session.bus.request(ListTargetsV1, { identity: await make(), limit: 10 });
    await expect(attempt).rejects.toMatchObject({ code: 'access.unauthenticated' });
    const isOurs = ({ time, data }: StoredEvent) =>
      time >= startedAt && data['operation'] === ListTargetsV1.subject && data['code'] === 'access.unauthenticated';
    await eventsOf(auditor, 'token.refused', isOurs);
  });

  const claims = async () => (await session.grant('web-2', 'deploy')).claims;
  it.each<[string, () => Promise<string>, string, string]>([
    ['which is no grant', () => session.identity(), 'grant.invalid', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    [
      'or a grant that is too old',
      async () => TokenSigner.fromPem(assetKey, past).grant(await claims()),
      'grant.expired',
      'ERR_JWT_EXPIRED',
    ],
    [
      'or a grant that is forged',
      async () => TokenSigner.fromPem(strangeKey).grant(await claims()),
      'grant.invalid',
      'SIGNATURE_VERIFICATION_FAILED',
    ],
  ])('%s: it pins no host key', async (_, make, code, reason) => {
    const startedAt = new Date().toISOString();
    const shown = { grant: await make(), hostKey: newHostKey().publicKeyBlob.toString('base64') };
    for (const contract of [PinHostKeyV1, ReportHostKeyV1] as const) {
      await expect(session.bus.request(contract, shown)).rejects.toMatchObject({ code });
      const isOurs = ({ time, data }: StoredEvent) =>
        time >= startedAt &&
        data['operation'] === contract.subject &&
        data['code'] === code &&
        String(data['reason']).includes(reason);
      await eventsOf(auditor, 'token.refused', isOurs);
    }
  });

  it('opens no target that alice has no authorization for, and none that is not there', async () => {
    const host = await registerSilentHost(admin);
    const secretName = await createSecret(admin, host, 'backup', { kind: 'password', password: randomUUID() });
    const hostId = await importHost(admin, host);
    await importAccount(admin, hostId, secretName);
    for (const [target, reason] of [
      [host.name, 'forbidden'],
      [`none-${host.name}`, 'absent'],
    ] as const) {
      const identity = await session.identity();
      await expect(session.authorize(identity, target, 'backup')).rejects.toMatchObject({
        code: 'target.not-found',
        message: 'there is no such target, or you may not use it',
      });
      const denied = await eventsOf(auditor, 'access.denied', ({ data }) => data['target'] === `backup@${target}`);
      expect(denied).toMatchObject([{ data: { username: 'alice', reason } }]);
    }
  });
});

describe('session’s NATS identity', () => {
  /** Subjects that only others may use. */
  const ofOthers = [
    ...allRequests.filter(({ callers }) => !callers.includes('session')).map(({ subject }) => subject),
    ...allEvents.filter(({ sources }) => !sources.includes('session')).map(({ subject }) => subject),
    ...['STREAM.PURGE.AUDIT', 'STREAM.DELETE.AUDIT', 'STREAM.UPDATE.AUDIT', 'STREAM.MSG.DELETE.AUDIT'].map(jsApi),
    ...['STREAM.INFO.AUDIT', 'STREAM.MSG.GET.AUDIT', 'CONSUMER.CREATE.AUDIT', 'CONSUMER.DELETE.AUDIT.audit-store'].map(
      jsApi,
    ),
    ...['INFO', 'STREAM.NAMES', 'STREAM.PURGE.KV_used-grants', 'DIRECT.GET.KV_used-grants'].map(jsApi),
    '$JS.ACK.AUDIT.audit-store.1.1.1.1.1',
    `$KV.used-grants.${randomUUID()}`,
    '$SYS.REQ.SERVER.PING',
    '_INBOX_api.x.1',
    '_INBOX_asset.x.1',
  ];

  it('may ask for what these stories, and those of grants, misuse, and for no more', () => {
    const asked = allRequests.filter(({ callers }) => callers.includes('session')).map(({ subject }) => subject);
    expect(asked.sort()).toEqual([
      'asset.access.authorize.v1',
      'asset.host-key.pin.v1',
      'asset.host-key.report.v1',
      // A question that anybody may ask who knows a public key: would it do? It leaves nothing behind (A5).
      'asset.public-key.probe.v1',
      // Which of the sessions that it names have to end.
      'asset.session.review.v1',
      'asset.target.list.v1',
      'asset.user.authenticate.v1',
      'secret-broker.credential.open.v1',
      'secret-broker.credential.prepare.v1',
      'secret-broker.credential.refresh.v1',
      'secret-broker.credential.release.v1',
      'secret-broker.credential.sign.v1',
    ]);
  });

  /** What the server refuses of what is done with a connection of session's. */
  async function refusals(act: (connection: Awaited<ReturnType<typeof connectAsSession>>) => void, count: number) {
    const connection = await connectAsSession();
    const refused = new Set<string>();
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error' && 'subject' in status.error) refused.add(String(status.error.subject));
    })();
    act(connection);
    await connection.flush();
    await waitFor(() => refused.size >= count, { what: `${count} refusals by the NATS server` }).catch(() => undefined);
    await connection.close();
    await waitFor(() => onRecord(refused), { what: 'the refusals in the log of the NATS server' });
    return [...refused].sort();
  }

  it('may not speak for others: the server refuses each such subject', async () => {
    const refused = await refusals((connection) => {
      for (const subject of ofOthers) connection.publish(subject, '{}');
    }, ofOthers.length);
    expect(refused).toEqual([...ofOthers].sort());
  });

  it('may not listen to others', async () => {
    const others = [
      '>',
      'audit.>',
      'asset.>',
      'secret-broker.credential.prepare.v1',
      '_INBOX_api.>',
      '_INBOX.>',
      '$KV.>',
    ];
    const refused = await refusals((connection) => {
      for (const subject of others) connection.subscribe(subject);
    }, others.length);
    expect(refused).toEqual(others.sort());
  });
});

/** The NATS server writes down each subject that it refused to the identity of session. */
function onRecord(subjects: ReadonlySet<string>): boolean {
  const lines = readFileSync(logFile('nats-server'), 'utf8')
    .split('\n')
    .filter((line) => / (Publish|Subscription) Violation - Nkey "U/.test(line));
  return [...subjects].every((subject) => lines.some((line) => line.includes(`Subject "${subject}"`)));
}

function jsApi(call: string): string {
  return `$JS.API.${call}`;
}
