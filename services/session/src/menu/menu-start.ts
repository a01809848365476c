import { readRequest } from '@sallyport/ssh-wire';
import type { ChannelRequest, IncomingRequest, RequestMeaning } from '@sallyport/ssh-wire';
import { Terminal } from './terminal.js';

/** More variables than anybody sends, and more bytes than they have together. */
const MOST_PREPARED = 128;
const MOST_PREPARED_BYTES = 65_536;
/** What the target hears of again, besides the terminal. */
const prepares = new Set(['env', 'auth-agent-req@openssh.com', 'x11-req']);

/** What a client asks for before it starts something. */
export class MenuStart {
  terminal: Terminal | undefined;
  readonly #prepared: ChannelRequest[] = [];
  #bytes = 0;

  /** @returns what it starts, when the request starts something; the answer to that is the caller's */
  take(request: IncomingRequest): (RequestMeaning & { kind: 'shell' | 'exec' | 'subsystem' }) | undefined {
    const meaning = understand(request);
    if (meaning.kind === 'shell' || meaning.kind === 'exec' || meaning.kind === 'subsystem') return meaning;
    request.reply(this.#prepare(request, meaning));
    return undefined;
  }

  /** For the target, in the order of the client, with the terminal as it is now. */
  requests(): ChannelRequest[] {
    const terminal = this.terminal ? [this.terminal.request()] : [];
    return [...terminal, ...this.#prepared, { name: 'shell', wantReply: true, payload: Buffer.alloc(0) }];
  }

  #prepare(request: IncomingRequest, meaning: RequestMeaning): boolean {
    if (meaning.kind === 'terminal') {
      this.terminal = Terminal.of(request);
      return true;
    }
    if (meaning.kind === 'resize') {
      this.terminal?.resize(request);
      return true;
    }
    this.#bytes += request.payload.length;
    if (!prepares.has(request.name)) return false;
    if (this.#prepared.length >= MOST_PREPARED || this.#bytes > MOST_PREPARED_BYTES) return false;
    this.#prepared.push({ name: request.name, wantReply: false, payload: request.payload });
    return true;
  }
}

function understand(request: IncomingRequest): RequestMeaning {
  try {
    const meaning = readRequest(request);
    if (meaning.kind === 'terminal') Terminal.of(request);
    return meaning;
  } catch {
    return { kind: 'other' };
  }
}
