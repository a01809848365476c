import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  publicKeyOf,
  setUpStreams,
} from '@sallyport/messaging/deployment';
import type { IdentityName } from '@sallyport/messaging/deployment';
import { describeExit, startNats } from '@sallyport/testing';
import type { NatsServer } from '@sallyport/testing';
import { Failure } from '../../progress.mjs';
import type { StateFolder } from '../state/state-folder.js';
import type { Member } from '../supervisor/member.js';

/** The file that holds the seed of somebody's nkey; the first start makes it. */
export function natsSeedFile(state: StateFolder, name: IdentityName): string {
  natsSeed(state, name);
  return state.secretFile(`nats-${name}.seed`);
}

export function natsSeed(state: StateFolder, name: IdentityName): string {
  return state.secret(`nats-${name}.seed`, () => newNkey().seed);
}

/** Accounts and permissions for everybody who may connect, as text of a nats-server's configuration. */
function accountsConfig(state: StateFolder): string {
  const publicKeys = identityNames.map((name) => [name, publicKeyOf(natsSeed(state, name))]);
  return natsAccountsConfig(identitiesFrom(Object.fromEntries(publicKeys) as Record<IdentityName, string>));
}

/** The NATS server, with JetStream, that we start ourselves. */
export class NatsMember implements Member {
  readonly name = 'nats-server';
  #server: NatsServer | undefined;

  constructor(private readonly state: StateFolder) {}

  get url(): string {
    if (!this.#server) throw new Error('NATS has not been started');
    return this.#server.url;
  }

  async start(): Promise<void> {
    if (this.#server) {
      await this.#server.restart();
      return;
    }
    try {
      this.#server = await startNats({
        dir: this.state.folder('nats'),
        config: accountsConfig(this.state),
        logFile: this.state.log('nats-server'),
      });
    } catch (cause) {
      // The message is a sentence of its own where the program is missing, and holds the log where it did not start.
      throw new Failure(cause instanceof Error ? cause.message : 'NATS did not start', { cause });
    }
  }

  async ended(): Promise<string> {
    const exit = await this.#server?.exited();
    return exit ? describeExit(exit) : 'never started';
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}

/**
 * Makes the streams on a server, ours or the person's own.
 * @throws Failure when the server cannot be reached, or does not know our identities
 */
export async function prepareNats(state: StateFolder, url: string): Promise<void> {
  const accounts = state.write('nats-accounts.conf', accountsConfig(state));
  try {
    const connection = await connectWithSeed(url, natsSeed(state, 'operator'));
    await setUpStreams(connection).finally(() => connection.close());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      `The NATS server at ${url} does not take our streams (${reason}); it needs JetStream and the accounts in ${accounts}.`,
      { cause },
    );
  }
}
