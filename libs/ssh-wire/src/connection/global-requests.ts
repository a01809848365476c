import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { Message } from '../messages.js';
import type { Transport } from '../transport/transport.js';
import { OrderedAnswers } from './ordered-answers.js';

/** One SSH_MSG_GLOBAL_REQUEST (RFC 4254 section 4): its name, and what follows `want reply` as it came. */
export interface GlobalRequest {
  readonly name: string;
  readonly wantReply: boolean;
  readonly payload: Buffer;
}

/** A request that the other side sent, with the way to answer it. */
export interface IncomingGlobalRequest extends GlobalRequest {
  /**
   * Answers, now or later, also where no reply is wanted and none is sent: it has been dealt with. Nothing happens at a second call. Answers leave in the order of the
   * requests, so one that is late holds up those after it.
   * @param data what follows in the answer, such as the port of a `tcpip-forward` with port 0
   */
  readonly reply: (answer: GlobalAnswer) => void;
}

export interface GlobalAnswer {
  readonly success: boolean;
  readonly data?: Buffer;
}

const UNANSWERED_LIMIT = 256;

/** The global requests of both sides of a connection, each with its answer in order. */
export class GlobalRequests {
  /** Ours that wait for an answer, oldest first. */
  readonly #asked: ((answer: GlobalAnswer) => void)[] = [];
  /** To the other side's, those included that want none. */
  readonly #answers = new OrderedAnswers<GlobalAnswer & { wantReply: boolean }>(UNANSWERED_LIMIT, (answer) => {
    this.#answer(answer);
  });

  constructor(
    private readonly transport: Transport,
    private readonly onRequest: (request: IncomingGlobalRequest) => void,
  ) {}

  /** @returns the answer; a failure when the connection ends before it */
  ask(name: string, payload: Uint8Array = Buffer.alloc(0)): Promise<GlobalAnswer> {
    return new Promise((resolve) => {
      if (!this.transport.open) {
        resolve({ success: false });
        return;
      }
      this.#asked.push(resolve);
      this.transport.send(new SshWriter().byte(Message.globalRequest).string(name).boolean(true).bytes(), payload);
    });
  }

  /** byte, string name, boolean want reply, then by name */
  handle(payload: Buffer): void {
    const reader = new SshReader(payload.subarray(1));
    const name = reader.string(256).toString('latin1');
    const wantReply = reader.boolean();
    const reply = this.#answers.expect();
    this.onRequest({
      name,
      wantReply,
      payload: payload.subarray(payload.length - reader.remainingBytes),
      reply: (answer) => {
        reply({ ...answer, wantReply });
      },
    });
  }

  /** An answer to the oldest of our requests; one that nobody waits for is ignored, as OpenSSH does. */
  handleAnswer(success: boolean, payload: Buffer): void {
    this.#asked.shift()?.({ success, data: payload.subarray(1) });
  }

  /** The connection has ended. */
  end(): void {
    for (const answered of this.#asked.splice(0)) answered({ success: false });
  }

  #answer({ success, data = Buffer.alloc(0), wantReply }: GlobalAnswer & { wantReply: boolean }): void {
    if (!wantReply) return;
    const type = success ? Message.requestSuccess : Message.requestFailure;
    this.transport.send(Buffer.of(type), success ? data : Buffer.alloc(0));
  }
}
