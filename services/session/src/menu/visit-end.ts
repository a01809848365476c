import { EventQueue } from '@sallyport/ssh-wire';
import type { Channel, ChannelEvent, ChannelRequest, IncomingRequest } from '@sallyport/ssh-wire';
import type { ClientEnd } from '../relay/relay-channel.js';
import type { Turns } from './turns.js';

/**
 * The client's end of one visit to a target: the channel that the menu is on, lent. What would end the channel ends the visit,
 * and the channel stays for the menu.
 */
export class VisitEnd implements ClientEnd {
  readonly closed: Promise<void>;
  /** What came on stderr, when nothing came after it: a target has none on a terminal, so it is a refusal of ours. */
  lastWords = '';
  readonly #over = new AbortController();
  readonly #requests = new EventQueue<IncomingRequest>();
  #settle: () => void = () => undefined;

  /** @param start what the client asked for before the menu, for the target to hear now */
  constructor(
    private readonly channel: Pick<Channel, 'write' | 'pass' | 'closed'>,
    private readonly events: Turns<ChannelEvent>,
    start: readonly ChannelRequest[],
  ) {
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    for (const request of start) this.#requests.push({ ...request, reply: this.#answerOf(request) });
    void channel.closed.then(() => {
      this.close();
    });
  }

  async *incoming(): AsyncGenerator<ChannelEvent, void, undefined> {
    for (;;) {
      const event = await this.events.next(this.#over.signal);
      if (!event) return;
      yield event;
    }
  }

  requests(): AsyncIterable<IncomingRequest> {
    return this.#requests;
  }

  /** A request of the client during the visit. */
  ask(request: IncomingRequest): void {
    if (this.#over.signal.aborted) request.reply(false);
    else this.#requests.push(request);
  }

  write(bytes: Buffer, stderr = false): Promise<boolean> {
    if (this.#over.signal.aborted) return Promise.resolve(false);
    this.lastWords = stderr ? bytes.toString('utf8').trim() : '';
    return this.channel.write(bytes, stderr);
  }

  /** The menu has more to say. */
  sendEof(): void {
    return undefined;
  }

  /** The end of a shell is not the end of the channel. */
  request(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** `eow@openssh.com` would make the client stop reading keys, and the menu needs them. */
  pass(request: IncomingRequest): void {
    if (this.#over.signal.aborted || request.name === 'eow@openssh.com') request.reply(false);
    else this.channel.pass(request);
  }

  close(): void {
    this.#over.abort();
    this.#requests.end();
    this.#settle();
  }

  /** The client was told "yes" long ago. A target that starts no shell ends the visit. */
  #answerOf({ name }: ChannelRequest): (success: boolean) => void {
    return (success) => {
      if (success || name !== 'shell') return;
      this.lastWords = 'sallyport: the host starts no shell';
      this.close();
    };
  }
}
