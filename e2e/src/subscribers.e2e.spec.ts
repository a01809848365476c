import { randomUUID } from 'node:crypto';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateSubscriptionRoute,
  DeleteSubscriptionRoute,
  GetSubscriptionRoute,
  ListDeadLettersRoute,
  ListEventsRoute,
  RetryDeadLettersRoute,
  SessionId,
  SessionRefused,
  StoredEvent,
  UserSignedIn,
} from '@sallyport/contracts';
import { inboxPrefix, JetStreamAuditPublisher } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { logger } from '@sallyport/telemetry';
import { ServerProcess, tempDir, waitFor, type RestClient } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { allAreStored } from './support/event-counts.js';
import { home, local, signInAs, sshAs } from './support/sallyport.js';
import { readState } from './support/start-sallyport.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

let auditor: RestClient;
const type = UserSignedIn.type;
beforeAll(async () => {
  auditor = await signInAs('auditor');
});

/** Server-sent events until `enough`, as [id, event] pairs. */
async function follow(
  query: string,
  headers: Record<string, string>,
  enough: (events: StoredEvent[]) => boolean,
  whileOpen: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ id: string; events: StoredEvent[] }> {
  const cut = new AbortController();
  const answer = await fetch(`${local.api}/v1/audit/events/stream?${query}`, {
    headers: { authorization: `Bearer ${auditor.token ?? ''}`, ...headers },
    signal: AbortSignal.any([cut.signal, AbortSignal.timeout(120_000)]),
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  await whileOpen();
  const events: StoredEvent[] = [];
  let [id, text] = ['', ''];
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      id = /^id: (\d+)$/m.exec(block)?.[1] ?? id;
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) events.push(StoredEvent.parse(JSON.parse(data)));
    }
    if (enough(events)) break;
  }
  cut.abort();
  return { id, events };
}

describe('server-sent events', () => {
  it('bring what happens, and go on after the last one that was seen', async () => {
    await allAreStored(); // who signed in before is no news
    const first = await follow(
      `type=${type}`,
      {},
      (events) => events.length >= 1,
      () => signInAs('alice'),
    );
    expect(first.events[0]).toMatchObject({ type, data: { username: 'alice' } });
    expect(first.id).toBe(String(first.events.at(-1)?.sequence));
    for (const name of ['admin', 'alice'] as const) await signInAs(name); // while nobody is connected
    const second = await follow(`type=${type}`, { 'last-event-id': first.id }, (events) => events.length >= 2);
    expect(second.events.map(({ data }) => data['username'])).toEqual(['admin', 'alice']);
    const all = await follow(`type=${type}&after=0`, {}, (events) => events.length >= 3);
    const { items } = await auditor.call(ListEventsRoute, { query: { type, limit: 3 } });
    expect(all.events.slice(0, 3)).toEqual(items);
    const [view] = await eventsOf(auditor, 'audit-log.viewed', ({ data }) => data['operation'] === 'stream');
    expect(view?.data).toMatchObject({ username: 'auditor', filter: { type } });
  });

  it('whose client reads nothing slow neither the log nor another client, and bring it all of it when it reads', async () => {
    const sessionId = SessionId.parse(randomUUID());
    const stream = `${local.api}/v1/audit/events/stream?sessionId=${sessionId}&after=0`;
    const headers = { authorization: `Bearer ${auditor.token ?? ''}` };
    const idle = await new Promise<IncomingMessage>((resolve) => get(stream, { headers }, resolve));
    expect(idle.statusCode).toBe(200);
    const nats = await connectWithSeed(local.nats.url, readState(home, 'secrets', 'nats-session.seed'), {
      inboxPrefix: inboxPrefix('session'),
    });
    const publisher = new JetStreamAuditPublisher(nats, 'session', logger('test', 'error'));
    // Eight megabytes, which is more than lies in sockets.
    const count = 1_000;
    const said = {
      username: 'nobody',
      clientAddress: '192.0.2.1',
      target: 'x'.repeat(8_000),
      code: 'target.not-found',
    };
    await Promise.all(Array.from({ length: count }, () => publisher.publish(SessionRefused, { sessionId, ...said })));
    await nats.flush();
    await allAreStored();
    const other = await follow(`sessionId=${sessionId}&after=0`, {}, (events) => events.length >= count);
    expect(other.events).toHaveLength(count);
    let [text, seen] = ['', 0];
    for await (const chunk of idle.setEncoding('utf8') as AsyncIterable<string>) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      seen += blocks.filter((block) => block.includes('data: ')).length;
      if (seen === count) break;
    }
    await nats.close();
  });

  it('are for auditors, and end with their token', async () => {
    const alice = await signInAs('alice');
    expect((await alice.raw('GET', '/v1/audit/events/stream')).status).toBe(403);
    const wrong = await auditor.raw('GET', '/v1/audit/events/stream', undefined, { 'last-event-id': 'x' });
    expect(wrong.json).toMatchObject({ code: 'request.invalid' });
  });
});

describe('a webhook', () => {
  it('is made, sent to, and removed by REST', async () => {
    await allAreStored(); // who signed in before is no news
    const bodies: string[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString());
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const body = { name: `e2e-${Date.now()}`, url, filter: { types: [type], data: { username: 'alice' } } };
    const { id: subscriptionId, secret } = await auditor.call(CreateSubscriptionRoute, { body });
    expect(secret).toMatch(/^whsec_/);
    for (const name of ['admin', 'alice'] as const) await signInAs(name);
    await waitFor(() => bodies.length > 0, { what: 'an event' });
    expect(bodies.map((text) => StoredEvent.parse(JSON.parse(text)).data['username'])).toEqual(['alice']);
    expect(JSON.stringify(await auditor.call(GetSubscriptionRoute, { params: { subscriptionId } }))).not.toContain(
      'whsec',
    );
    const params = { subscriptionId };
    status = 400;
    await signInAs('alice');
    const dead = () => auditor.call(ListDeadLettersRoute, { params });
    await waitFor(async () => (await dead()).items.length > 0, { what: 'a dead letter' });
    expect(JSON.parse(bodies.at(-1) ?? '')).toMatchObject({ sequence: (await dead()).items[0]?.sequence });
    const refused = bodies.length;
    status = 200;
    expect(await auditor.call(RetryDeadLettersRoute, { params })).toEqual({ retrying: 1 });
    await waitFor(() => bodies.length > refused, { what: 'it to come again' });
    expect(bodies.at(-1)).toBe(bodies[refused - 1]);
    await waitFor(async () => (await dead()).items.length === 0, { what: 'it to be dead no more' });
    await auditor.call(DeleteSubscriptionRoute, { params });
    server.close();
    for (const url of ['https://169.254.169.254/', 'https://100.100.100.200/latest/meta-data'])
      expect((await auditor.raw('POST', '/v1/audit/subscriptions', { name: 'inside', url })).json).toMatchObject({
        code: 'subscription.refused',
      });
  });
});

/** What a program of the deployment would be, word by word. */
function exampleOfDocs(): string {
  const folder = tempDir();
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'docs/subscribers.md'), 'utf8')) ?? [];
  const given = 'const { url, seed } = process.env;\nconst keep = ({ id }) => console.log(id);\n';
  const path = join(folder, 'example.mjs');
  writeFileSync(path, given + example);
  return path;
}

describe('the NATS identity of subscribers', () => {
  it('reads events by the example of docs/subscribers.md, which goes on behind what it kept', async () => {
    const { url, subscriber } = local.nats;
    const nats = await connectWithSeed(url, subscriber.seed);
    const siem = async (what: string) =>
      (await nats.request(`$JS.API.CONSUMER.${what}.AUDIT.siem`, '', { timeout: 20_000 })).json<
        Record<string, unknown>
      >();
    const path = exampleOfDocs();
    const env = { ...process.env, url, seed: subscriber.seed };
    const closed: string[] = [];
    for (const time of ['first', 'second']) {
      const { items } = await auditor.call(ListEventsRoute, { query: { order: 'desc', limit: 1 } });
      await sshAs('alice@root@web-1', { command: 'true' });
      const [newest] = await eventsOf(
        auditor,
        'session.closed',
        ({ sequence }) => sequence > (items[0]?.sequence ?? 0),
      );
      closed.push(newest?.id ?? '');
      const example = new ServerProcess(process.execPath, [path], { env });
      await waitFor(() => !example.running || example.lines.includes(closed.at(-1) ?? ''), {
        what: `the end of the ${time} session`,
        timeoutMs: 60_000,
      });
      expect(example.running, example.tail()).toBe(true);
      for (const before of closed.slice(0, -1)) expect(example.lines).not.toContain(before);
      await waitFor(async () => (await siem('INFO'))['num_ack_pending'] === 0, { what: 'all to be acknowledged' });
      await example.stop({ signal: 'SIGKILL' });
    }
    await siem('DELETE');
    await nats.close();
  });

  it('reads events by a consumer of its own, and can do nothing else', async () => {
    const { url, subscriber } = local.nats;
    const nats = await connectWithSeed(url, subscriber.seed);
    const api = async (subject: string, body: object = {}) =>
      (await nats.request(`$JS.API.${subject}`, JSON.stringify(body), { timeout: 20_000 })).json<
        Record<string, unknown>
      >();
    const config = { durable_name: 'e2e', ack_policy: 'explicit', filter_subject: 'audit.user.signed-in' };
    expect(await api('CONSUMER.DURABLE.CREATE.AUDIT.e2e', { stream_name: 'AUDIT', config })).not.toHaveProperty(
      'error',
    );
    const next = await nats.request('$JS.API.CONSUMER.MSG.NEXT.AUDIT.e2e', '1', {
      timeout: 20_000,
      noMux: true,
    });
    expect(next.json()).toMatchObject({ specversion: '1.0', type });
    nats.publish(next.reply ?? '', '+ACK');
    await api('CONSUMER.DELETE.AUDIT.e2e');
    // $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE…
    const from = { deliver_policy: 'by_start_sequence', opt_start_seq: Number(next.reply?.split('.')[5]) };
    await api('CONSUMER.DURABLE.CREATE.AUDIT.e2e', { stream_name: 'AUDIT', config: { ...config, ...from } });
    const again = await nats.request('$JS.API.CONSUMER.MSG.NEXT.AUDIT.e2e', '1', { timeout: 20_000, noMux: true });
    expect(again.string()).toBe(next.string());
    await api('CONSUMER.DELETE.AUDIT.e2e');

    const refused: string[] = [];
    void (async () => {
      for await (const status of nats.status()) if (status.type === 'error') refused.push(status.error.message);
    })();
    const forbidden = [
      'audit.user.signed-in',
      'asset.user.list.v1',
      '$JS.API.STREAM.PURGE.AUDIT',
      '$JS.API.STREAM.DELETE.AUDIT',
      '$JS.API.STREAM.MSG.DELETE.AUDIT',
      '$JS.API.CONSUMER.DELETE.AUDIT.audit-store',
      '$JS.API.CONSUMER.MSG.NEXT.AUDIT.audit-store',
      '$JS.API.CONSUMER.DURABLE.CREATE.AUDIT.audit-store',
      '$KV.used-grants.x',
    ];
    for (const subject of forbidden) nats.publish(subject, '{}');
    for (const subject of ['>', 'asset.>', 'audit.event.list.v1', '_INBOX_asset.>']) nats.subscribe(subject);
    await nats.flush();
    await waitFor(() => refused.length >= forbidden.length + 4, { what: 'all to be refused' });
    for (const subject of forbidden) expect(refused.join('\n')).toContain(`"${subject}"`);
    await nats.close();
  });
});
