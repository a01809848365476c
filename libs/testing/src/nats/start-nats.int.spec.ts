import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNats } from './start-nats.js';
import type { NatsServer } from './start-nats.js';

let nats: NatsServer;
beforeAll(async () => {
  nats = await startNats({ config: 'authorization { users: [ { user: a, password: b } ] }' });
});
afterAll(() => nats.stop());

async function roundTrip(): Promise<string> {
  const connection = await connect({ servers: nats.url, user: 'a', pass: 'b' });
  const subscription = connection.subscribe('greeting', { max: 1 });
  connection.publish('greeting', 'hello');
  try {
    for await (const message of subscription) return message.string();
    return 'nothing';
  } finally {
    await connection.close();
  }
}

test('carries messages, with JetStream and the given users', async () => {
  expect(await roundTrip()).toBe('hello');
  await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i);
  expect(nats.log().join('\n')).toContain('JetStream');
});

test('comes back on the same port after a restart and after a kill', async () => {
  const { port } = nats;
  await nats.restart();
  expect(nats.port).toBe(port);
  await nats.kill();
  await expect(connect({ servers: nats.url, reconnect: false, user: 'a', pass: 'b' })).rejects.toThrow();
  await nats.restart();
  expect(await roundTrip()).toBe('hello');
});

test('says what is wrong with a configuration', async () => {
  await expect(startNats({ config: 'accounts { A: { users: [ { nkey: nonsense } ] } }' })).rejects.toThrow(
    /did not start.*nkey/is,
  );
});
