import type { NatsConnection } from '@nats-io/transport-node';
import { startNats } from '@sallyport/testing';
import { expect } from 'vitest';
import { connectWithSeed, inboxPrefix } from './connection.js';
import {
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
  type IdentityName,
} from './deployment/index.js';

const nkeys = Object.fromEntries(identityNames.map((name) => [name, newNkey()])) as Record<
  IdentityName,
  ReturnType<typeof newNkey>
>;

/** A real NATS with the identities, permissions and streams of a deployment. */
export async function startAccounts() {
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkeys[name].publicKey]));
  const nats = await startNats({
    config: natsAccountsConfig(identitiesFrom(publicKeys as Record<IdentityName, string>)),
  });
  const opened: NatsConnection[] = [];
  /** Closed by `stop`. */
  const connectAs = async (name: IdentityName): Promise<NatsConnection> => {
    const prefix = name === 'operator' || name === 'subscriber' || name === 'system' ? '_INBOX' : inboxPrefix(name);
    const connection = await connectWithSeed(nats.url, nkeys[name].seed, { inboxPrefix: prefix });
    opened.push(connection);
    return connection;
  };
  for (const time of ['first start', 'second start'])
    await expect(setUpStreams(await connectAs('operator')), time).resolves.toBeUndefined();
  return {
    connectAs,
    stop: async () => {
      for (const connection of opened) await connection.close();
      await nats.stop();
    },
  };
}
