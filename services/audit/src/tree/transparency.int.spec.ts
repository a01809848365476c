import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  AuditLogPruned,
  ExportEventsV1,
  ListEventsV1,
  ProveConsistencyV1,
  ProveEventV1,
  ShowCheckpointV1,
  UserId,
  UserSignedIn,
  type RequestOf,
} from '@sallyport/contracts';
import { tempDir, waitFor } from '@sallyport/testing';
import {
  ExportVerifier,
  includes,
  isBeginningOf,
  NoteVerifier,
  openCheckpoint,
  type Expectation,
} from '@sallyport/transparency';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';
import { startS3 } from '../testing/s3-server.suite.js';

let audit: Audit;
let s3: Awaited<ReturnType<typeof startS3>>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let key: NoteVerifier;
let auditor: string;
const witnessFile = join(tempDir(), 'checkpoints.ndjson');
const userId = UserId.parse(randomUUID());

async function publish(count: number): Promise<void> {
  const before = await audit.count();
  const asset = await audit.publisher('asset');
  const data = { userId, username: 'x', clientAddress: '::1', expiresAt: '2030-01-01T00:00:00Z' };
  await Promise.all(Array.from({ length: count }, () => asset.publish(UserSignedIn, data)));
  await stored(audit, before + count);
}
const checkpoint = () => audit.bus.request(ShowCheckpointV1, { actor: auditor });
async function checkpointOf(size: number) {
  await waitFor(async () => (await checkpoint()).size >= size, { what: `a checkpoint of ${size}`, timeoutMs: 60_000 });
  return checkpoint();
}
async function exported(request: Partial<RequestOf<typeof ExportEventsV1>> = {}): Promise<string[]> {
  let part = await audit.bus.request(ExportEventsV1, { actor: auditor, ...request });
  let text = Buffer.from(part.lines, 'base64').toString();
  while (part.next) {
    part = await audit.bus.request(ExportEventsV1, { actor: auditor, ...request, next: part.next });
    text += Buffer.from(part.lines, 'base64').toString();
  }
  return text.trimEnd().split('\n');
}
function verify(lines: readonly string[], expected?: Expectation) {
  const verifier = new ExportVerifier(key, expected);
  for (const line of lines) verifier.line(line);
  return verifier.end();
}
const witnessed = (): string[] =>
  readFileSync(witnessFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { checkpoint: string }).checkpoint);

beforeAll(async () => {
  audit = await startAudit();
  key = new NoteVerifier(audit.verifierKey);
  auditor = await audit.actor({});
  // Two replicas write the same tree, in turns.
  [s3, receiver] = await Promise.all([startS3(), startReceiver()]);
  const witnesses = { AUDIT_WITNESS_FILE: witnessFile, AUDIT_WITNESS_URL: receiver.url, ...s3.witnessEnvironment };
  await audit.start({ AUDIT_BATCH_SIZE: '37', ...witnesses });
  await audit.start({ AUDIT_BATCH_SIZE: '41', AUDIT_WITNESS_FILE: witnessFile });
  await publish(700);
  await checkpointOf(700);
});
afterAll(async () => {
  await audit.stop();
  receiver.stop();
  await s3.stop();
});

/** A witness behind a URL, which does not take what it is given first. */
async function startReceiver() {
  const notes: string[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    void text(request).then((note) => {
      asked += 1;
      if (asked > 1) notes.push(note);
      response.writeHead(asked > 1 ? 204 : 503).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    notes,
    asked: () => asked,
    stop: () => {
      server.close().closeAllConnections();
    },
  };
}

describe('the log', () => {
  it('signs its head, and proves each event to be in it', async () => {
    const head = await checkpoint();
    expect(openCheckpoint(key, head.checkpoint)).toEqual({
      size: head.size,
      root: Buffer.from(head.rootHash, 'base64'),
    });
    expect(head.verifierKey).toBe(audit.verifierKey);
    for (const sequence of [1, 255, 256, 257, 512, 513, 700]) {
      const proven = await audit.bus.request(ProveEventV1, { actor: auditor, sequence });
      const { root, size } = openCheckpoint(key, proven.checkpoint);
      const proof = proven.proof.map((hash) => Buffer.from(hash, 'base64'));
      expect(includes(Buffer.from(proven.leafHash, 'base64'), sequence - 1, size, proof, root), `${sequence}`).toBe(
        true,
      );
    }
    await expect(audit.bus.request(ProveEventV1, { actor: auditor, sequence: 1_000_000 })).rejects.toMatchObject({
      code: 'event.not-found',
    });
  });

  it('proves that what it was is the beginning of what it is', async () => {
    const before = await checkpoint();
    await publish(30);
    const after = await checkpointOf(before.size + 30);
    const proven = await audit.bus.request(ProveConsistencyV1, { actor: auditor, first: before.size });
    const proof = proven.proof.map((hash) => Buffer.from(hash, 'base64'));
    const [first, second] = [openCheckpoint(key, before.checkpoint), openCheckpoint(key, proven.checkpoint)];
    expect(after.size).toBeLessThanOrEqual(second.size);
    expect(isBeginningOf(first, second, proof)).toBe(true);
  });

  it('is exported whole, in part and by a filter, and each verifies with what the witness saw', async () => {
    const seen = witnessed(); // the export itself is an event, which the witness may know of before we have read it
    const lines = await exported();
    const { size } = verify(lines);
    expect(verify(lines, { witnessed: seen })).toEqual({
      size,
      events: size,
      first: 1,
      last: size,
      uncompared: [],
    });
    expect(verify(await exported({ first: 250, last: 520 }), { first: 250, last: 520 })).toMatchObject({ events: 271 });
    const some = await exported({ type: UserSignedIn.type, userId });
    expect(verify(some, { selection: true })).toMatchObject({ events: 730 });
    const none = await exported({ userId: UserId.parse(randomUUID()) });
    expect(verify(none, { selection: true })).toMatchObject({ events: 0 });
    await expect(exported({ first: 2, last: 1 })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('is told to witnesses of every kind; one that does not take a checkpoint is counted, and told again', async () => {
    const head = await checkpoint();
    const inBucket = () =>
      [...s3.objects.values()].map((bytes) => (JSON.parse(bytes.toString()) as { checkpoint: string }).checkpoint);
    const knows = (notes: readonly string[]) => notes.some((note) => openCheckpoint(key, note).size >= head.size);
    for (const notes of [() => receiver.notes, inBucket])
      await waitFor(() => knows(notes()), { what: 'the witness to be told', timeoutMs: 60_000 });
    expect(receiver.asked()).toBe(receiver.notes.length + 1);
    expect(await audit.metric('sallyport_audit_witness_failures_total')).toBe(1);
    const lines = await exported();
    for (const witnessed of [receiver.notes, inBucket()])
      expect(verify(lines, { witnessed: witnessed.slice(0, 2) })).toMatchObject({ uncompared: [] });
  });

  it('is read, and added to, by a role that can take nothing back', async () => {
    const service = new pg.Client({ connectionString: audit.urls.service });
    await service.connect();
    const asService = (statement: string) => service.query(statement);
    await asService('SELECT count(*) FROM event');
    for (const statement of [
      'UPDATE event SET type = type',
      'DELETE FROM event',
      'TRUNCATE event',
      'DELETE FROM event_id',
      'UPDATE tree_tile SET root = root',
      'DELETE FROM checkpoint',
      'DELETE FROM command',
      'DELETE FROM dropped_month',
      'UPDATE retention SET months = 1',
      'DROP TABLE event',
      'ALTER TABLE event DISABLE TRIGGER ALL',
      'CREATE TABLE elsewhere (x int)',
    ])
      await expect(asService(statement), statement).rejects.toThrow(/permission denied|must be owner/);
    await service.end();
    await expect(audit.start({ POSTGRES_URL: audit.urls.owner })).rejects.toThrow('may change or remove events');
  });
});

describe('events that are older than events are kept', () => {
  const asService = async (statement: string) => {
    const service = new pg.Client({ connectionString: audit.urls.service });
    await service.connect();
    return service.query(statement).finally(() => service.end());
  };
  let oldest: string;
  const dropJanuary = () => asService("SELECT drop_event_month('2020-01')");

  it('F7: go by the month when the log has said so, and what is left still proves itself', async () => {
    const before = await exported();
    oldest = before.find((line) => line.startsWith('{"sequence":1,'))?.slice('{"sequence":1,"event":'.length, -1) ?? '';
    await audit.query("SELECT ensure_event_partition('2020-01-15')");
    await audit.query(
      "SET session_replication_role = replica; UPDATE event SET stored_at = '2020-01-15' WHERE sequence <= 300",
    );
    await expect(dropJanuary()).rejects.toThrow('not due'); // events are kept for ever unless the owner says otherwise
    await expect(asService('INSERT INTO retention (months) VALUES (1)')).rejects.toThrow('permission denied');
    await audit.migrate({ AUDIT_RETENTION_MONTHS: '12' });
    await expect(dropJanuary()).rejects.toThrow('the log does not say');
    await audit.start();
    const kept = "SELECT to_regclass('event_2020_01') IS NULL AS gone";
    await waitFor(async () => (await audit.query(kept))[0]?.['gone'] === true, { what: 'the month to go' });

    const { items } = await audit.bus.request(ListEventsV1, {
      actor: auditor,
      order: 'asc',
      limit: 5,
      type: AuditLogPruned.type,
    });
    expect(items.map(({ data }) => data)).toEqual([
      { month: '2020-01', firstSequence: 1, lastSequence: 300, retentionMonths: 12 },
    ]);
    for (const sequence of [1, 300, 301]) {
      const { checkpoint: note, leafHash, proof } = await audit.bus.request(ProveEventV1, { actor: auditor, sequence });
      const { root, size } = openCheckpoint(key, note);
      const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
      expect(includes(Buffer.from(leafHash, 'base64'), sequence - 1, size, hashes, root), `${sequence}`).toBe(true);
    }
    await publish(60);
    await checkpointOf(785);
    const seen = witnessed();
    const after = await exported();
    expect(verify(after, { witnessed: seen })).toMatchObject({ first: 301 });
    expect(verify(await exported({ first: 400, last: 520 }), { first: 400, last: 520 })).toMatchObject({ events: 121 });
    expect(after.find((line) => line.startsWith('{"sequence":301,'))).toBe(
      before.find((line) => line.startsWith('{"sequence":301,')),
    );
    await expect(exported({ first: 300 })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('are not taken for new ones when they come again', async () => {
    const { id } = JSON.parse(oldest) as { id: string };
    const rows = async () => (await audit.query(`SELECT 1 FROM event WHERE id = '${id}'`)).length;
    expect(await rows()).toBe(0);
    await audit.publishRaw('asset', UserSignedIn.subject, oldest);
    await publish(1); // which comes behind it
    expect(await rows()).toBe(0);
  });
});

describe('a database that was set back (F7)', () => {
  it('F7: is found by its witness: the service does not start on it, and its export does not verify', async () => {
    const { size } = await checkpoint();
    await waitFor(() => witnessed().some((note) => openCheckpoint(key, note).size === size), { what: 'the witness' });
    await audit.stopServices();
    const seen = Math.max(...witnessed().map((note) => openCheckpoint(key, note).size)); // views of the log are events too
    // Whoever owns the database can do anything to it. This is what it would look like restored from an older backup.
    const back = seen - 50;
    for (const table of ['event', 'event_id', 'tree_tile', 'checkpoint'])
      await audit.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await audit.query(`DELETE FROM event_id WHERE id IN (SELECT id FROM event WHERE sequence > ${back})`);
    await audit.query(`SET session_replication_role = replica; DELETE FROM event WHERE sequence > ${back}`);
    await audit.query(`DELETE FROM tree_tile WHERE index * 256 + 256 > ${back}`);
    await audit.query(`DELETE FROM checkpoint WHERE size > ${back}`);

    await expect(audit.start({ AUDIT_WITNESS_FILE: witnessFile })).rejects.toThrow(
      `has ${back} events, and its witness has seen ${seen}`,
    );
    await audit.start(); // with a witness that nobody can ask at the start, as a webhook is
    await publish(1); // the log goes on from where it was set back to
    await waitFor(async () => (await checkpoint()).size > back, { what: 'a checkpoint', timeoutMs: 60_000 });
    const lines = await exported();
    expect(() => verify(lines, { witnessed: witnessed() })).toThrow('rolled back');
    expect(verify(lines).size).toBeGreaterThan(back);
  });
});
