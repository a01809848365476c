import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  CreateSubscriptionV1,
  DeleteSubscriptionV1,
  GetSubscriptionV1,
  ListDeadLettersV1,
  ListEventsV1,
  ListSubscriptionsV1,
  RetryDeadLettersV1,
  UpdateSubscriptionV1,
  UserId,
  UserSignedIn,
  type SubscriptionFilter,
  type SubscriptionId,
  type EventData,
  type SubscriptionUpdated,
} from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { mustRun, run, tempDir, waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';

let audit: Audit;
let asset: AuditPublisher;
let actor: string;
const onlySignIns: SubscriptionFilter = { types: [UserSignedIn.type] };
const servers: Server[] = [];

/** Makes the certificate; nothing of Node's can. */
const hasOpenssl = await run('openssl', ['version']).then(
  ({ code }) => code === 0,
  () => false,
);

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
  sequence: number;
}
/** A receiver on loopback. `answer` says what it does with each attempt; undefined: it says nothing at all. */
async function receiver(answer: (attempt: number, delivery: Delivery) => number | undefined = () => 204) {
  const attempts: Delivery[] = [];
  const taken: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { sequence } = JSON.parse(body) as { sequence: number };
      const delivery = { headers: request.headers, body, sequence };
      const status = answer(attempts.push(delivery), delivery);
      if (status === undefined) return;
      if (status < 300) taken.push(delivery);
      response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const takes = (count: number) =>
    waitFor(() => taken.length >= count, { what: `${count} events to be taken`, timeoutMs: 60_000 });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=t`, attempts, taken, takes };
}

async function subscribe(url: string, more: { filter?: SubscriptionFilter; after?: number } = {}) {
  const name = `r-${randomUUID()}`;
  const key = randomBytes(32);
  const secret = url.startsWith('syslog')
    ? {}
    : { secret: await audit.sealed(`whsec_${key.toString('base64')}`, name) };
  const made = await audit.bus.request(CreateSubscriptionV1, {
    actor,
    name,
    url,
    filter: onlySignIns,
    ...more,
    ...secret,
  });
  return { ...made, key };
}
const show = (subscriptionId: SubscriptionId) => audit.bus.request(GetSubscriptionV1, { actor, subscriptionId });
const signIn = (count = 1, userId = UserId.parse(randomUUID())) =>
  Promise.all(
    Array.from({ length: count }, () =>
      asset.publish(UserSignedIn, { userId, username: 'x', clientAddress: '::1', expiresAt: '2030-01-01T00:00:00Z' }),
    ),
  );
const rising = (deliveries: readonly Delivery[]) =>
  deliveries.map(({ sequence }) => sequence).toSorted((a, b) => a - b);

beforeAll(async () => {
  audit = await startAudit();
  await audit.start();
  asset = await audit.publisher('asset');
  actor = await audit.actor({ username: 'auditor' });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await audit.stop();
});

describe('a webhook', () => {
  it('is sent what its filter lets through, in order, from a sequence on, signed as Standard Webhooks says', async () => {
    await signIn(3);
    await stored(audit, 3);
    const hook = await receiver();
    const { key, id, url } = await subscribe(hook.url, { after: 0 });
    expect(url).toBe(hook.url);
    await signIn(2);
    await hook.takes(5);
    expect(hook.taken.map(({ sequence }) => sequence)).toEqual(rising(hook.taken));
    for (const { headers, body } of hook.taken) {
      const event = JSON.parse(body) as Record<string, unknown>;
      expect(headers['content-type']).toMatch(/^application\/cloudevents\+json/);
      expect(event).toMatchObject({ specversion: '1.0', type: UserSignedIn.type, id: headers['webhook-id'] });
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    }
    await waitFor(async () => (await show(id)).behind === 0, { what: 'all to be done with' });
    expect(await show(id)).toMatchObject({ status: 'active', failures: 0, deadLetters: 0 });
  });

  it('that is away for a while gets all of it later; what one that hangs does not take is no hindrance', async () => {
    const silent = await receiver(() => undefined);
    await subscribe(silent.url);
    const shaky = await receiver((attempt) => (attempt === 1 ? 503 : 204));
    const { id } = await subscribe(shaky.url);
    const before = await audit.count();
    await signIn(100);
    await stored(audit, before + 100); // while the silent one holds the first of them
    await waitFor(() => silent.attempts.length > 0, { what: 'the silent one to be asked' });
    await shaky.takes(100);
    expect(shaky.attempts[0]?.sequence).toBe(shaky.attempts[1]?.sequence);
    expect(shaky.taken.map(({ sequence }) => sequence)).toEqual(rising(shaky.taken));
    expect(shaky.attempts).toHaveLength(101);
    await waitFor(async () => (await show(id)).failures === 0, { what: 'it to be well again' });
  });

  it('that refuses an event leaves it as a dead letter, to be seen and sent again', async () => {
    const refused = UserId.parse(randomUUID());
    let refuses = true;
    const hook = await receiver((_, { body }) => (refuses && body.includes(refused) ? 422 : 204));
    const { id: subscriptionId } = await subscribe(hook.url);
    await signIn();
    await signIn(1, refused);
    await signIn();
    await hook.takes(2);
    const { items } = await audit.bus.request(ListDeadLettersV1, { actor, subscriptionId, limit: 10 });
    expect(items).toMatchObject([{ error: 'answered 422', retrying: false }]);
    expect(await show(subscriptionId)).toMatchObject({ deadLetters: 1 });
    refuses = false;
    expect(await audit.bus.request(RetryDeadLettersV1, { actor, subscriptionId })).toEqual({ retrying: 1 });
    await signIn();
    await hook.takes(4);
    expect(hook.taken.filter(({ body }) => body.includes(refused))).toHaveLength(1);
    await waitFor(async () => (await show(subscriptionId)).deadLetters === 0, { what: 'no dead letter' });
  });

  it('misses nothing when the process that sends is killed, with two at work', async () => {
    const replica = await audit.start();
    const hook = await receiver();
    const { id, position } = await subscribe(hook.url);
    const before = await audit.count();
    const signingIn = signIn(300);
    await hook.takes(20);
    await replica.stop({ signal: 'SIGKILL' });
    await audit.stopServices({ signal: 'SIGKILL' });
    await audit.start();
    await signingIn;
    await stored(audit, before + 300);
    await waitFor(async () => (await show(id)).behind === 0, { what: 'all to be done with', timeoutMs: 90_000 });
    const sequences = new Set(hook.taken.map(({ sequence }) => sequence));
    const rows = await audit.query(
      `SELECT sequence::int AS sequence FROM event WHERE type = '${UserSignedIn.type}' AND sequence > ${position}`,
    );
    expect(rows.filter(({ sequence }) => !sequences.has(Number(sequence)))).toEqual([]);
    expect(hook.taken.length).toBeLessThanOrEqual(300 + 2); // at most the one that each was sending
  });

  it('is paused, resumed, set back and removed, and each act is on record', async () => {
    const hook = await receiver();
    const { id: subscriptionId, name, position } = await subscribe(hook.url);
    await audit.bus.request(UpdateSubscriptionV1, { actor, subscriptionId, status: 'paused' });
    const other = await receiver();
    await subscribe(other.url);
    await signIn();
    await other.takes(1);
    expect(hook.attempts).toEqual([]);
    await audit.bus.request(UpdateSubscriptionV1, { actor, subscriptionId, status: 'active' });
    await hook.takes(1);
    await waitFor(async () => (await show(subscriptionId)).position > position, { what: 'the place behind it' });
    await audit.bus.request(UpdateSubscriptionV1, { actor, subscriptionId, position });
    await hook.takes(2);
    expect(hook.taken[0]?.body).toBe(hook.taken[1]?.body);
    await audit.bus.request(DeleteSubscriptionV1, { actor, subscriptionId });
    await expect(show(subscriptionId)).rejects.toMatchObject({ code: 'subscription.not-found' });
    const changes = async () => {
      const { items } = await audit.bus.request(ListEventsV1, {
        actor,
        type: 'io.sallyport.subscription.',
        order: 'asc',
        limit: 200,
      });
      const ours = items.filter(({ data }) => (data['subscription'] as { name: string }).name === name);
      expect(JSON.stringify(ours)).not.toMatch(/whsec|token=/);
      return ours.map(({ type, data }) => {
        const { change, position: to, positionBefore: from } = data as Partial<EventData<typeof SubscriptionUpdated>>;
        const moved = Number(from) > Number(to) ? `back to ${Number(to)}` : undefined;
        return [type.split('.')[3], change, moved].filter((part) => part !== undefined).join(' ');
      });
    };
    const rewound = `updated rewound back to ${position}`;
    const expected = ['created', 'updated paused', 'updated resumed', rewound, 'deleted'];
    await waitFor(async () => (await changes()).length === expected.length, { what: 'all on record' });
    expect(await changes()).toEqual(expected);
  });

  it('may not be where others would have to trust us, and is for auditors alone', async () => {
    for (const url of [
      'https://10.0.0.1/',
      'http://169.254.169.254/latest',
      'http://example.com/',
      'syslog+tcp://192.0.2.1',
    ])
      await expect(subscribe(url), url).rejects.toMatchObject({ code: 'subscription.refused' });
    for (const url of ['ftp://example.com', 'https://u:p@example.com/', 'nonsense'])
      await expect(subscribe(url), url).rejects.toMatchObject({ code: 'request.invalid' });
    const other = await audit.actor({ roles: ['bastion-admin', 'secret-admin', 'operator'] });
    await expect(audit.bus.request(ListSubscriptionsV1, { actor: other })).rejects.toMatchObject({
      code: 'access.forbidden',
    });
  });
});

describe('a syslog server', () => {
  it.skipIf(!hasOpenssl)('is spoken to over TLS, when an authority that we trust vouches for its name', async () => {
    const dir = tempDir();
    const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
    await mustRun('openssl', [
      ...args.split(' '),
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`],
    ]);
    const [key, cert] = ['key', 'cert'].map((name) => readFileSync(`${dir}/${name}.pem`));
    let received = '';
    const server = createTlsServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { id } = await subscribe(`syslog+tls://localhost:${port}`);
    await signIn();
    await waitFor(async () => (await show(id)).failures > 0, { what: 'a certificate that nobody vouches for' });
    expect((await show(id)).lastError).toMatch(/cannot be reached/);
    expect(received).toBe('');
    await audit.start({ AUDIT_SYSLOG_CA_FILE: `${dir}/cert.pem` });
    await audit.stopServices({ butLast: true });
    await waitFor(() => received.includes('user.signed-in'), { what: 'the event to arrive', timeoutMs: 60_000 });
  });

  it('is sent frames of RFC 5424, and goes on where it was when it comes back', async () => {
    let received = '';
    const connections = new Set<{ destroy(): void }>();
    const server = createTcpServer((socket) => {
      connections.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (received += chunk.toString()));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await subscribe(`syslog+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const frames = (): string[] => {
      const found: string[] = [];
      for (let rest = Buffer.from(received); rest.length > 0;) {
        const [head = '', length = ''] = /^(\d+) /.exec(rest.toString('latin1')) ?? [];
        found.push(rest.subarray(head.length, head.length + Number(length)).toString());
        rest = rest.subarray(head.length + Number(length));
      }
      return found;
    };
    await signIn(3);
    await waitFor(() => frames().length === 3, { what: 'three frames' });
    for (const connection of connections) connection.destroy();
    await signIn(2);
    await waitFor(() => frames().length === 5, { what: 'two more, on another connection', timeoutMs: 60_000 });
    for (const frame of frames())
      expect(frame).toMatch(
        /^<109>1 \S+ test\.example\/log sallyport - user\.signed-in \[sallyport@32473 sequence="\d+" /,
      );
    const sequences = frames().map((frame) => Number(/sequence="(\d+)"/.exec(frame)?.[1]));
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });
});
