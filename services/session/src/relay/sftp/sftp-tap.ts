import type { FilePolicy } from '@sallyport/contracts';
import type { ChannelTap, TapEnds } from '../channel-tap.js';
import type { FileRecord } from '../file-acts.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { JoinedSlices } from './joined-slices.js';
import { OpenFiles } from './open-files.js';
import { PacketScanner } from './packet-scanner.js';
import type { PacketHead } from './packet-scanner.js';
import { PendingRequests } from './pending-requests.js';
import { VERSION } from './protocol.js';
import { RequestJudge } from './request-judge.js';
import type { Expected, Verdict } from './request-judge.js';
import { readSftpReply, replyHeadBytes } from './sftp-reply.js';
import { readSftpRequest, requestHeadBytes } from './sftp-request.js';
import { settle } from './settle.js';

/** Stands for the id that INIT and VERSION do not have; others are 0 to 2^32 - 1. */
const GREETING = -1;

/** A piece of the client's stream, with what is to be done with the packet that it begins. */
interface Step {
  readonly bytes: Buffer;
  readonly verdict?: Verdict | Promise<Verdict>;
}

/**
 * Looks at SFTP in passing: requests on their way up, answers on their way down. Bytes pass as they came. A refused request is
 * taken out, and its answer put into the stream of answers, between two of the target's.
 */
export class SftpTap implements ChannelTap {
  readonly #requests = new PacketScanner(requestHeadBytes);
  readonly #replies = new PacketScanner(replyHeadBytes);
  readonly #pending = new PendingRequests<Expected>();
  readonly #files: OpenFiles;
  readonly #judge: RequestJudge;
  /** Both directions write to the client: one after the other. */
  #toClient: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ends: TapEnds,
    private readonly record: FileRecord,
    rules: { readonly policy: FilePolicy; readonly explain: (error: unknown) => string },
  ) {
    this.#files = new OpenFiles(record);
    this.#judge = new RequestJudge(record, this.#files, rules);
  }

  async up(bytes: Buffer): Promise<void> {
    await this.#pending.room();
    const { steps, broken } = this.#judgeAll(bytes);
    const passing = new JoinedSlices();
    for (const { bytes: slice, verdict } of steps) {
      if (verdict instanceof Promise) await this.#writeUp(passing);
      const decided = (await verdict) ?? { pass: slice };
      if ('pass' in decided) passing.add(decided.pass);
      else await this.#refuse(decided.id, decided.answer);
    }
    await this.#writeUp(passing);
    if (broken) throw broken;
  }

  async down(bytes: Buffer): Promise<void> {
    const passing = new JoinedSlices();
    for (const { bytes: slice, head, ends } of this.#replies.scan(bytes)) {
      if (head) this.#onReply(head);
      passing.add(slice);
      if (ends) for (const answer of this.#pending.due()) passing.add(answer);
    }
    await this.#writeDown(passing.take());
  }

  ended(way: 'up' | 'down'): void {
    if (way === 'down') this.#pending.cut();
  }

  end(): void {
    for (const expected of this.#pending.unanswered()) {
      if (expected.kind === 'open') this.#files.finish(expected.file, 'channel-ended');
    }
    this.#files.end();
  }

  /** All that came at once is judged at once, so that the records of many requests are on their way together. */
  #judgeAll(bytes: Buffer): { steps: Step[]; broken?: MalformedTransfer } {
    const steps: Step[] = [];
    try {
      for (const { bytes: slice, head } of this.#requests.scan(bytes)) {
        steps.push({ bytes: slice, ...(head && { verdict: this.#judgeOne(head, slice) }) });
      }
      return { steps };
    } catch (error) {
      if (!(error instanceof MalformedTransfer)) throw error;
      return { steps, broken: error };
    }
  }

  #judgeOne(head: PacketHead, bytes: Buffer): Verdict | Promise<Verdict> {
    const request = readSftpRequest(head);
    const { expected, verdict } = this.#judge.judge(request, bytes);
    this.#pending.add(request.kind === 'init' ? GREETING : request.id, expected);
    return verdict();
  }

  async #refuse(id: number, answer: Buffer): Promise<void> {
    this.#pending.answer(id, answer);
    // In the middle of an answer, `down` does it at its end.
    if (this.#replies.atBoundary) await this.#writeDown(this.#pending.due());
  }

  #onReply(head: PacketHead): void {
    const reply = readSftpReply(head);
    if (reply.kind === 'version') {
      if (reply.version > VERSION) throw new MalformedTransfer(`the host chose version ${reply.version} of sftp`);
      this.#pending.take(GREETING);
      return;
    }
    const expected = this.#pending.take(reply.id);
    if (expected) settle(expected, reply, this.#files, this.record);
  }

  async #writeUp(passing: JoinedSlices): Promise<void> {
    for (const slice of passing.take()) await this.ends.target.write(slice);
  }

  #writeDown(slices: readonly Buffer[]): Promise<unknown> {
    const { client } = this.ends;
    this.#toClient = this.#toClient.then(async () => {
      for (const slice of slices) await client.write(slice);
    });
    return this.#toClient;
  }
}
