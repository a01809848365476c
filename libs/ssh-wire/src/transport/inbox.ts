import { SshError } from '../ssh-error.js';

/** Gets the messages that are not the transport's own, type byte included. It may keep the payload. */
export type Receiver = (type: number, payload: Buffer) => void;

/** Messages that may wait for a receiver: enough for what a peer can send before it needs an answer. */
const BACKLOG_LIMIT = 64;

/** Messages for the layer above, in their order; while there is none that takes them, they wait. */
export class Inbox {
  #receiver: Receiver | undefined;
  #backlog: Buffer[] = [];

  /** @returns what waited, for this receiver */
  receive(receiver: Receiver | undefined): Buffer[] {
    this.#receiver = receiver;
    return receiver ? this.#backlog.splice(0) : [];
  }

  /** @throws SshError `protocol` too many wait; and what the receiver throws */
  deliver(payload: Buffer): void {
    if (this.#receiver) this.#receiver(payload[0] ?? 0, payload);
    else if (this.#backlog.length < BACKLOG_LIMIT) this.#backlog.push(payload);
    else throw new SshError('protocol', 'too many messages at once');
  }

  clear(): void {
    this.#backlog = [];
  }
}
