import { SshServer } from '@sallyport/ssh-wire';
import type { SshServerOptions } from '@sallyport/ssh-wire';
import { gauge } from '@sallyport/telemetry';
import { DoorRecord } from '../downstream/door-record.js';
import { draining } from '../downstream/overload.js';
import { ClientSession } from './client-session.js';
import { inWords } from './in-words.js';
import type { SessionParts } from './session-parts.js';

export interface GatewayRules {
  readonly host: string;
  readonly port: number;
  readonly server: SshServerOptions;
  /** How long sessions may go on after `stop`. */
  readonly drainMs: number;
  /** How long before that is over they are told once more. */
  readonly warnMs: number;
}

/** The listener, and the sessions that live. */
export class Gateway {
  readonly #sessions = new Map<ClientSession, Promise<void>>();
  #server: SshServer | undefined;
  /** Aborts when a drain is over, whoever is still there. */
  readonly #drained = new AbortController();

  constructor(
    private readonly rules: GatewayRules,
    private readonly parts: SessionParts,
  ) {}

  /** @throws Error the port cannot be had, or a host key cannot be read */
  async start(): Promise<void> {
    const { host, port, server } = this.rules;
    const door = new DoorRecord(this.parts.audit, this.parts.log);
    const { capacity } = this.parts;
    const options = { ...server, overload: () => capacity.overload, onRefused: door.refused.bind(door) };
    const listening = await SshServer.listen({ host, port }, options, (client) => {
      const session = new ClientSession(this.parts, client, (stream, peer) => listening.accept(stream, peer));
      const ended = session.run().finally(() => this.#sessions.delete(session));
      this.#sessions.set(session, ended);
    });
    this.#server = listening;
    gauge('sallyport.connection.unauthenticated', 'Connections that wait to be authenticated', '1', () => {
      return listening.unauthenticated;
    });
    this.parts.log.info({ host, port: listening.port }, 'SSH clients are welcome');
  }

  get port(): number {
    if (!this.#server) throw new Error('not started');
    return this.#server.port;
  }

  /**
   * Drains: takes no more connections, lets users who are at a target finish until the deadline, then ends what is left with
   * a line. They are told at once, and again before the end. Whoever is only on the way to a target is sent away at once:
   * another replica takes the next attempt.
   */
  async stop(): Promise<void> {
    const { drainMs, warnMs } = this.rules;
    this.parts.capacity.drain();
    const nobodyArrives = this.#server?.close();
    const bells = [setTimeout(this.hurry.bind(this), drainMs)];
    if (drainMs > 0) this.#warn(drainMs);
    if (drainMs > 2 * warnMs) bells.push(setTimeout(this.#warn.bind(this), drainMs - warnMs, warnMs));
    this.#drained.signal.addEventListener('abort', () => {
      for (const session of this.#sessions.keys()) end(session);
    });
    for (const session of this.#sessions.keys()) if (!session.open) end(session);
    await nobodyArrives;
    await Promise.all(this.#sessions.values());
    for (const bell of bells) clearTimeout(bell);
  }

  /** Ends a drain: whoever is still there is told and sent away. Safe to repeat. */
  hurry(): void {
    this.#drained.abort();
  }

  #warn(leftMs: number): void {
    const line = `sallyport: this bastion is being restarted; this session ends in ${inWords(leftMs)}, and you can log on anew already`;
    for (const session of this.#sessions.keys()) session.warn(line);
  }
}

function end(session: ClientSession): void {
  session.end('drained', draining());
}
