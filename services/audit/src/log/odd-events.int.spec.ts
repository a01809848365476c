import { randomUUID } from 'node:crypto';
import { SessionClosed, UserCreated, UserId } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';
import { eventList, publishSignIn } from './event-list.suite.js';

let audit: Audit;
let asset: AuditPublisher;
let events: Awaited<ReturnType<typeof eventList>>;

beforeAll(async () => {
  audit = await startAudit();
  await audit.start();
  asset = await audit.publisher('asset');
  events = await eventList(audit);
});
afterAll(() => audit.stop());

describe('what is no event', () => {
  const event = (changes: object) => ({
    specversion: '1.0',
    id: randomUUID(),
    type: 'io.sallyport.session.closed.v1',
    source: '/sallyport/session',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {},
    ...changes,
  });
  const cases: [string, string | Uint8Array][] = [
    ['text', 'hello'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['JSON of another shape', '[]'],
    ['an event without id', JSON.stringify(event({ id: undefined }))],
    [
      'an event that its service may not tell of',
      JSON.stringify(event({ type: UserCreated.type, source: '/sallyport/asset' })),
    ],
    ["another service's name", JSON.stringify(event({ source: '/sallyport/asset' }))],
    ['a NUL', JSON.stringify(event({ subject: 'a\0b' }))],
    ['a time that nobody lived in', JSON.stringify(event({ time: '0000-01-01T00:00:00Z' }))],
    ['more than fits into an answer', JSON.stringify(event({ data: { x: 'x'.repeat(600_000) } }))],
  ];
  const kept = async (): Promise<number> => {
    const [row] = await audit.query('SELECT count(*)::int AS count FROM malformed_message');
    return Number(row?.['count']);
  };

  it.each(cases)('is kept apart and stops nothing: %s', async (_, payload) => {
    const [before, odd] = [await audit.count(), await kept()];
    await audit.publishRaw('session', 'audit.session.closed', payload);
    await publishSignIn(asset, UserId.parse(randomUUID()));
    await stored(audit, before + 1);
    await waitFor(async () => (await kept()) === odd + 1, { what: 'the message to be kept apart' });
    expect(await audit.count()).toBe(before + 1);
    const [row] = await audit.query('SELECT data FROM malformed_message ORDER BY stream_sequence DESC LIMIT 1');
    expect(Buffer.compare(row?.['data'] as Buffer, Buffer.from(payload as string))).toBe(0);
  });

  it('includes an id that is taken: the first event stays', async () => {
    const first = event({ data: { n: 1 } });
    const [before, odd] = [await audit.count(), await kept()];
    const counted = () => audit.metric('sallyport_audit_messages_malformed_total');
    const oddCounted = await counted();
    for (const n of [1, 2])
      await audit.publishRaw('session', 'audit.session.closed', JSON.stringify({ ...first, data: { n } }));
    await waitFor(async () => (await kept()) === odd + 1, { what: 'the second to be kept apart' });
    await waitFor(async () => (await counted()) === oddCounted + 1, { what: 'the second to be counted' });
    expect(await audit.count()).toBe(before + 1);
    const { items } = await events.list({ order: 'desc', limit: 1, type: SessionClosed.type });
    expect(items[0]).toMatchObject({ id: first.id, data: { n: 1 } });
  });
});

describe('large events', () => {
  it('come in pages that fit into an answer, and none is left out', async () => {
    const last = await audit.count();
    const subject = randomUUID();
    for (let i = 0; i < 5; i += 1) {
      await audit.publishRaw(
        'session',
        SessionClosed.subject,
        JSON.stringify({
          specversion: '1.0',
          id: randomUUID(),
          type: SessionClosed.type,
          source: '/sallyport/session',
          subject,
          time: new Date().toISOString(),
          datacontenttype: 'application/json',
          data: { text: 'x'.repeat(500_000) },
        }),
      );
    }
    await stored(audit, last + 5);
    const pages = await events.everyPage({ subject });
    expect(new Set(pages.flat()).size).toBe(5);
    expect(pages.length).toBe(5);
  });
});
