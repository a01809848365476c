import { DomainError } from '@sallyport/errors';
import { SshServer } from '@sallyport/ssh-wire';
import type { SshServerOptions } from '@sallyport/ssh-wire';
import { DoorRecord } from '../downstream/door-record.js';
import { ClientSession } from './client-session.js';
import type { SessionParts } from './session-parts.js';

export interface GatewayRules {
  readonly host: string;
  readonly port: number;
  readonly server: SshServerOptions;
  /** How long sessions may go on after `stop`. */
  readonly drainMs: number;
}

/** The listener, and the sessions that live. */
export class Gateway {
  readonly #sessions = new Map<ClientSession, Promise<void>>();
  #server: SshServer | undefined;

  constructor(
    private readonly rules: GatewayRules,
    private readonly parts: SessionParts,
  ) {}

  /** @throws Error the port cannot be had, or a host key cannot be read */
  async start(): Promise<void> {
    const { host, port, server } = this.rules;
    const door = new DoorRecord(this.parts.audit, this.parts.log);
    const options = { ...server, onRefused: door.refused.bind(door) };
    this.#server = await SshServer.listen({ host, port }, options, (client) => {
      const session = new ClientSession(this.parts, client);
      const ended = session.run().finally(() => this.#sessions.delete(session));
      this.#sessions.set(session, ended);
    });
    this.parts.log.info({ host, port: this.#server.port }, 'SSH clients are welcome');
  }

  get port(): number {
    if (!this.#server) throw new Error('not started');
    return this.#server.port;
  }

  /**
   * Drains: takes no more connections, lets users who are at a target finish until the deadline, then ends what is left with
   * a line. Whoever is only on the way to a target is sent away at once: another replica takes the next attempt.
   */
  async stop(): Promise<void> {
    this.#server?.close();
    for (const session of this.#sessions.keys()) if (!session.open) this.#end(session);
    const ended = Promise.all(this.#sessions.values());
    const deadline = setTimeout(() => {
      for (const session of this.#sessions.keys()) this.#end(session);
    }, this.rules.drainMs);
    await ended;
    clearTimeout(deadline);
  }

  #end(session: ClientSession): void {
    const error = new DomainError('service.unavailable', 'the bastion is being restarted, log on again');
    session.end('drained', error);
  }
}
