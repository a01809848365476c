import type { FilePolicy } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { ChannelTap, TapEnds } from '../channel-tap.js';
import type { FileChange, FileEnd, FilePermission, FileRecord } from '../file-acts.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { ScpAnswers } from './scp-answers.js';
import type { ScpCommand } from './scp-command.js';
import { ScpScanner } from './scp-scanner.js';
import type { ScpMessage, ScpPart } from './scp-scanner.js';

const SLASH = Buffer.from('/');
const PATH_BYTES = 16 * 1024;

/**
 * Looks at legacy scp in passing. One side sends files, the other answers each thing that it says; here, too, nothing is read
 * further before the answer is known, because it decides whether a file's bytes follow. What policy does not permit, or what
 * cannot be recorded, ends the channel: the protocol has no way to go on.
 */
export class ScpTap implements ChannelTap {
  readonly #upload: boolean;
  readonly #sender = new ScpScanner();
  readonly #answers = new ScpAnswers();
  readonly #folders: Buffer[] = [];
  /** The file on its way. */
  #transfer: { readonly file: number; bytes: number } | undefined;
  #begun = false;

  constructor(
    private readonly command: ScpCommand,
    private readonly ends: TapEnds,
    private readonly record: FileRecord,
    private readonly policy: FilePolicy,
  ) {
    this.#upload = command.direction === 'upload';
  }

  up(bytes: Buffer): Promise<void> {
    return this.#upload ? this.#send(bytes) : this.#answer(bytes);
  }

  down(bytes: Buffer): Promise<void> {
    return this.#upload ? this.#answer(bytes) : this.#send(bytes);
  }

  ended(way: 'up' | 'down'): void {
    if ((way === 'down') === this.#upload) this.#answers.end();
  }

  end(): void {
    this.#finish('channel-ended');
  }

  async #answer(bytes: Buffer): Promise<void> {
    this.#answers.scan(bytes);
    await (this.#upload ? this.ends.client : this.ends.target).write(bytes);
  }

  async #send(bytes: Buffer): Promise<void> {
    // The receiving side speaks first.
    if (!this.#begun) await this.#answers.next();
    this.#begun = true;
    let rest = bytes;
    // To a side that says nothing any more, nothing is sent.
    while (rest.length > 0 && !this.#answers.over) {
      const { taken, part } = this.#sender.next(rest);
      rest = rest.subarray(taken);
      if (part) await this.#pass(part);
    }
  }

  async #pass({ bytes, message }: ScpPart): Promise<void> {
    const change = message && (await this.#permit(message));
    await (this.#upload ? this.ends.target : this.ends.client).write(bytes);
    if (!message) {
      if (this.#transfer) this.#transfer.bytes += bytes.length;
    } else if (message.kind !== 'complaint') {
      this.#settle(message, await this.#answers.next(), change);
    }
  }

  /** Whatever is about to happen is permitted and recorded, or it throws. */
  async #permit(message: ScpMessage): Promise<FileChange | undefined> {
    if (message.kind === 'file') {
      const { direction } = this.command;
      const path = this.#path(message.name);
      await this.#permitted(direction, path);
      const detail = `mode ${message.mode}, size ${message.sizeBytes}`;
      this.#transfer = { file: await this.record.opened({ path, direction, detail }), bytes: 0 };
    } else if (message.kind === 'directory' && this.#upload) {
      // Whether it is there already, only the host knows.
      const change = { operation: 'mkdir', path: this.#path(message.name) } as const;
      await this.#permitted('mkdir', change.path);
      await this.record.changed(change);
      return change;
    }
    return undefined;
  }

  /** The other side answered. */
  #settle(message: ScpMessage, agreed: boolean, change: FileChange | undefined): void {
    switch (message.kind) {
      case 'file':
        if (agreed) this.#sender.expectData(message.sizeBytes);
        else this.#finish('failed');
        return;
      case 'end-of-file':
        this.#finish(agreed && message.whole ? 'closed' : 'failed');
        return;
      case 'directory':
        if (agreed) this.#folders.push(message.name);
        else if (change) this.record.failed(change, 'refused');
        return;
      case 'leave':
        this.#folders.pop();
        return;
      case 'times':
      case 'complaint':
    }
  }

  async #permitted(permission: FilePermission, path: Buffer): Promise<void> {
    if (this.policy[permission]) return;
    await this.record.refused(permission, path);
    throw new DomainError('file.forbidden', `your authorization does not permit this (${permission})`);
  }

  /** The folders that were entered, and the name. */
  #path(name: Buffer): Buffer {
    const path = Buffer.concat([...this.#folders.flatMap((folder) => [folder, SLASH]), name]);
    if (path.length > PATH_BYTES) throw new MalformedTransfer(`a path has more than ${PATH_BYTES} bytes`);
    return path;
  }

  #finish(ended: FileEnd['ended']): void {
    if (!this.#transfer) return;
    const { file, bytes } = this.#transfer;
    this.#transfer = undefined;
    const [bytesRead, bytesWritten] = this.#upload ? [0, bytes] : [bytes, 0];
    this.record.closed(file, { bytesRead, bytesWritten, ended });
  }
}
