import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  FollowRecordingV1,
  ListRecordingsV1,
  ReadRecordingV1,
  SessionClosed,
  SessionId,
  SessionOpened,
  UserId,
  type EventData,
} from '@sallyport/contracts';
import { JetStreamRecordingStream } from '@sallyport/messaging';
import { eventLine, hashChunk, headerLine } from '@sallyport/recording';
import { tempDir, waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, type Audit } from '../testing/audit-process.suite.js';
import { startS3 } from '../testing/s3-server.suite.js';

let audit: Audit;
let alive: string;
const folder = tempDir();
const env = { AUDIT_RECORDING_FOLDER: folder, AUDIT_RECORDING_KEY: randomBytes(32).toString('base64') };
beforeAll(async () => {
  audit = await startAudit();
  await audit.start(env);
  alive = await audit.liveReplica();
});
afterAll(() => audit.stop());

const lines = (gzip: string): string => gunzipSync(Buffer.from(gzip, 'base64')).toString();

/** A session of somebody, as its session process tells of it, which lives unless told. */
async function openSession(replica = alive) {
  const sessionId = SessionId.parse(randomUUID());
  const userId = UserId.parse(randomUUID());
  const session = await audit.publisher('session');
  const stream = new JetStreamRecordingStream(await audit.connectAs('session'));
  const ids = { hostId: randomUUID(), accountId: randomUUID(), grantId: randomUUID() };
  await session.publish(SessionOpened, {
    ...{ sessionId, userId, username: 'alice', clientAddress: '192.0.2.7', ...ids, hostName: 'web-1' },
    ...{ address: '192.0.2.1', port: 22, accountName: 'root', secretVersionId: 'v1', attempts: 1 },
    hostKeyFingerprint: 'SHA256:x',
  } as EventData<typeof SessionOpened>);
  const put = (part: 'begin' | 'end', value: object) =>
    stream.put({ sessionId, channel: 0, part, data: Buffer.from(JSON.stringify(value)) });
  const sallyport = { sessionId, channel: 0 };
  const header = { version: 2, width: 40, height: 5, timestamp: 1_700_000_000, sallyport } as const;
  const chunks = [
    headerLine(header) + eventLine(10, 'o', 'hello\r\n'),
    eventLine(20, 'o', `${'x'.repeat(300_000)}\r\n`),
  ];
  chunks.push(eventLine(30, 'o', '\u001b[2J\u001b[Hlast words'));
  const whole = { chunks: chunks.length, ...hashChunk(Buffer.from(chunks.join(''))) };
  return {
    sessionId,
    userId,
    text: chunks.join(''),
    begin: () =>
      put('begin', { sessionId, userId, channel: 0, kind: 'terminal', replica, startedAt: new Date().toISOString() }),
    chunk: (n: number) =>
      stream.put({ sessionId, channel: 0, part: 'chunk', chunk: n, data: Buffer.from(chunks[n] ?? '') }),
    end: (end: object = { ...whole, durationMs: 30 }) => put('end', end),
    closed: (reason: 'audit-unavailable') =>
      session.publish(SessionClosed, { sessionId, userId, reason, durationMs: 30, bytesUp: 0, bytesDown: 0 }),
  };
}
type Opened = Awaited<ReturnType<typeof openSession>>;

const listed = async ({ sessionId }: Opened) => {
  const actor = await audit.actor({});
  return (await audit.bus.request(ListRecordingsV1, { actor, sessionId })).items;
};
const inStatus = (opened: Opened, status: string) =>
  waitFor(async () => (await listed(opened).catch(() => [])).find((recording) => recording.status === status), {
    what: `a recording that is ${status}`,
    timeoutMs: 60_000,
  });
async function read({ sessionId }: Opened, claims: Parameters<Audit['actor']>[0] = {}): Promise<string> {
  let part = await audit.bus.request(ReadRecordingV1, { actor: await audit.actor(claims), sessionId });
  let text = lines(part.gzip);
  while (part.next) {
    const { next } = part;
    part = await audit.bus.request(ReadRecordingV1, { actor: await audit.actor(claims), sessionId, next });
    text += lines(part.gzip);
  }
  return text;
}
/** The data of the last event of a type that has these facts; it may come after others. */
const recorded = (type: string, { sessionId }: Opened, facts: Record<string, unknown>) =>
  waitFor(
    async () =>
      (
        await audit.query(
          `SELECT body FROM event WHERE type = 'io.sallyport.${type}.v1' AND session_id = '${sessionId}'`,
        )
      )
        .map((row) => (JSON.parse(String(row['body'])) as { data: Record<string, unknown> }).data)
        .findLast((data) => Object.entries(facts).every(([name, fact]) => data[name] === fact)),
    { what: `${type} on record, with ${JSON.stringify(facts)}` },
  );
const inStream = async ({ sessionId }: Opened): Promise<unknown> => {
  const answer = await audit.askNats(
    '$JS.API.STREAM.INFO.RECORDINGS',
    JSON.stringify({ subjects_filter: `recording.*.*.${sessionId}.0` }),
  );
  return (answer as { state: { subjects?: object } }).state.subjects ?? {};
};

/** But for the newest message of the stream. */
const leftStream = (opened: Opened) =>
  waitFor(async () => Object.keys((await inStream(opened)) as object).every((subject) => subject.includes('.end.')), {
    what: 'the stream to be without it',
    timeoutMs: 60_000,
  });

describe('a recording', () => {
  it('is stored when it has ended, as it came, and taken out of the stream; that is on record', async () => {
    const session = await openSession();
    await session.begin();
    for (const n of [0, 1, 1, 2]) await session.chunk(n);
    await session.end();
    const stored = await inStatus(session, 'complete');
    expect(stored).toMatchObject({ kind: 'terminal', chunkCount: 3, sizeBytes: session.text.length });
    expect(await read(session)).toBe(session.text);
    await recorded('recording.stored', session, { status: 'complete', sha256: stored.sha256 });
    await leftStream(session);
  });

  it('F9: is shown to auditors and to its own user, on record each time, and to nobody else', async () => {
    const session = await openSession();
    await session.begin();
    for (const n of [0, 1, 2]) await session.chunk(n);
    await session.end();
    await inStatus(session, 'complete');
    const viewer = UserId.parse(randomUUID());
    await read(session, { userId: viewer, username: 'audrey' });
    await recorded('recording.viewed', session, { actorId: viewer, how: 'replay' });
    expect(await read(session, { userId: session.userId, roles: ['operator'] })).toBe(session.text);
    await expect(read(session, { roles: ['operator'] })).rejects.toMatchObject({ code: 'session.not-found' });
    await expect(read(session, { roles: ['bastion-admin'] })).rejects.toMatchObject({ code: 'access.forbidden' });
  });

  it('F7: is encrypted in the store; what was changed, swapped or deleted there, or has another key, is not shown', async () => {
    const [session, other] = [await openSession(), await openSession()];
    for (const one of [session, other]) {
      await one.begin();
      for (const n of [0, 1, 2]) await one.chunk(n);
      await one.end();
      await inStatus(one, 'complete');
    }
    const pathOf = ({ sessionId }: Opened) => join(folder, sessionId, readdirSync(join(folder, sessionId))[0] ?? '');
    const path = pathOf(session);
    const sealed = readFileSync(path);
    expect(sealed.includes('hello')).toBe(false);
    const changed = Buffer.from(sealed);
    changed[100] = (changed[100] ?? 0) ^ 1;
    for (const [bytes, said] of [
      [changed, /part 1 of the recording was changed/],
      [sealed.subarray(0, sealed.length - 1), /part \d of the recording was changed|not there whole/],
      [Buffer.from('no recording'), /no recording of Sallyport/],
      [readFileSync(pathOf(other)), /in its place stands the recording of another/],
      [undefined, /it was deleted/],
    ] as const) {
      if (bytes) writeFileSync(path, bytes);
      else rmSync(path);
      await expect(read(session)).rejects.toMatchObject({
        code: 'recording.unreadable',
        message: expect.stringMatching(said) as string,
      });
    }
    writeFileSync(path, sealed);
    await audit.stopServices();
    await audit.start({ ...env, AUDIT_RECORDING_KEY: randomBytes(32).toString('base64') });
    await expect(read(session)).rejects.toMatchObject({
      code: 'recording.unreadable',
      message: 'this recording was encrypted with another key than the one that is set',
    });
    await audit.stopServices();
    await audit.start(env);
    expect(await read(session)).toBe(session.text);
  });

  it('F5: is there up to its last chunk when its session process is gone, and says that it was lost', async () => {
    const session = await openSession(randomUUID());
    await session.begin();
    await session.chunk(0);
    await session.chunk(1);
    await inStatus(session, 'lost');
    const text = await read(session);
    expect(text.startsWith(session.text.slice(0, 300_000))).toBe(true);
    expect(text.trimEnd().split('\n').at(-1)).toBe('[0.020000,"m","lost: its recording ended here"]');
    await recorded('recording.stored', session, { status: 'lost', chunkCount: 3, firstChunk: 0 });
    // It was only cut off, and comes back.
    await session.chunk(2);
    await session.end();
    await inStatus(session, 'complete');
    expect(await read(session)).toBe(session.text);
  });

  it('F1: that its session could record no longer is stored up to its last chunk, though the process lives', async () => {
    const session = await openSession();
    await session.begin();
    await session.chunk(0);
    await session.closed('audit-unavailable');
    expect(await inStatus(session, 'lost')).toMatchObject({ chunkCount: 2 });
  });

  it('of a channel that showed nothing is none', async () => {
    const session = await openSession();
    await session.begin();
    await waitFor(async () => (await listed(session).catch(() => [])).length === 1, { what: 'the beginning' });
    await session.end({ chunks: 0, sizeBytes: 0, sha256: '', durationMs: 1 });
    await waitFor(async () => (await listed(session)).length === 0, { what: 'the end' });
    await expect(read(session)).rejects.toMatchObject({ code: 'recording.not-found' });
  });

  it('F9: can be watched while it goes on: the screen first, then what comes, to its end; that is on record', async () => {
    const session = await openSession();
    await session.begin();
    await session.chunk(0);
    await waitFor(async () => (await listed(session).catch(() => [])).length === 1, { what: 'the beginning' });
    const ask = async (after?: number) =>
      audit.bus.request(FollowRecordingV1, {
        actor: await audit.actor({}),
        sessionId: session.sessionId,
        ...(after !== undefined && { after }),
      });
    const first = await ask();
    expect(first).toMatchObject({ channel: 0, screen: { columns: 40, rows: 5 }, ended: false });
    expect(first.screen?.text).toContain('hello');
    await recorded('recording.viewed', session, { how: 'live' });
    await expect(read(session)).rejects.toMatchObject({ code: 'recording.not-found' });
    const next = ask(first.position);
    await session.chunk(1);
    expect(lines((await next).gzip)).toContain('xxxx');
    await session.chunk(2);
    await session.end();
    let [position, ended, text] = [(await next).position, false, ''];
    while (!ended) {
      const part = await ask(position);
      [position, ended, text] = [part.position, part.ended, text + lines(part.gzip)];
    }
    expect(text).toBe(eventLine(30, 'o', '\u001b[2J\u001b[Hlast words'));
  });
});

describe('a store that is away', () => {
  it('F1: is waited for: the recording stays in the stream, also through kill -9, and nothing else is held up', async () => {
    const s3 = await startS3();
    const inBucket = { ...env, AUDIT_RECORDING_FOLDER: '', ...s3.environment };
    await audit.stopServices();
    const first = await audit.start(inBucket);
    s3.meet('error');
    const [ended, other] = [await openSession(), await openSession()];
    await ended.begin();
    for (const n of [0, 1, 2]) await ended.chunk(n);
    await ended.end();
    const failed = () =>
      first.lines.some((line) => line.includes('could not be stored') && line.includes(ended.sessionId));
    await waitFor(failed, { what: 'the store to be tried', timeoutMs: 60_000 });
    await other.begin();
    await inStatus(other, 'recording');
    await audit.stopServices({ signal: 'SIGKILL' });
    await audit.start(inBucket);
    expect(Object.keys((await inStream(ended)) as object)).toHaveLength(3);
    expect(await listed(ended)).toMatchObject([{ status: 'recording' }]);
    s3.meet('none');
    await inStatus(ended, 'complete');
    expect(await read(ended)).toBe(ended.text);
    expect([...s3.objects.values()].some((bytes) => bytes.includes('hello'))).toBe(false);
    s3.meet('error');
    await expect(read(ended)).rejects.toMatchObject({ code: 'service.unavailable' });
    await s3.stop();
  });
});
