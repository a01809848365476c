import { MalformedTransfer } from '../malformed-transfer.js';

/** What the sending side of scp says. */
export type ScpMessage =
  /** `C0644 5 name`: a file of so many bytes, if the other side agrees. */
  | { readonly kind: 'file'; readonly mode: string; readonly sizeBytes: number; readonly name: Buffer }
  /** `D0755 0 name`: into a directory. */
  | { readonly kind: 'directory'; readonly name: Buffer }
  /** `E`: out of it. */
  | { readonly kind: 'leave' }
  /** `T1183828267 0 1183828267 0`: times of what comes next. */
  | { readonly kind: 'times' }
  /** After a file's bytes: 0, all of them could be read; else an error. */
  | { readonly kind: 'end-of-file'; readonly whole: boolean }
  /** 1 or 2, and a line: something that could not be sent. Nobody answers it. */
  | { readonly kind: 'complaint' };

/** A piece of the stream, a message or bytes of a file; all pieces together are the stream. */
export interface ScpPart {
  readonly bytes: Buffer;
  readonly message?: ScpMessage;
}

/** More than the longest path of any system, and less than OpenSSH's own buffer. */
const LINE_BYTES = 8 * 1024;
const NEWLINE = 10;
const LEAVE_OR_TIMES = /^(?:E|T\d{1,20} \d{1,9} \d{1,20} \d{1,9})$/;
/** Read as latin1, a character per byte, so that names survive. */
const ENTRY = /^([CD])([0-7]{4}) (\d{1,15}) ([^\0]+)$/;

/**
 * Reads what the sending side of legacy scp says, in any pieces. There is no paper; OpenSSH's `scp.c` (`source`, `sink`) is the
 * protocol: lines as in ScpMessage, and after a file's line, once it is agreed to, its bytes and then a 0 or a line. Data is never
 * copied. Memory is one line.
 */
export class ScpScanner {
  #held = Buffer.alloc(0);
  #dataBytes = 0;
  #inFile = false;

  /** The other side agreed to a file: so many bytes follow, and their end. */
  expectData(sizeBytes: number): void {
    this.#dataBytes = sizeBytes;
    this.#inFile = true;
  }

  /**
   * The next piece of `rest`.
   * @returns how many bytes of `rest` are used up, and the piece unless more must come first
   * @throws MalformedTransfer this is no scp
   */
  next(rest: Buffer): { taken: number; part?: ScpPart } {
    if (this.#dataBytes > 0) {
      const bytes = rest.subarray(0, this.#dataBytes);
      this.#dataBytes -= bytes.length;
      return { taken: bytes.length, part: { bytes } };
    }
    if (this.#held.length === 0 && rest[0] === 0) return { taken: 1, part: this.#say(rest.subarray(0, 1)) };
    const end = rest.indexOf(NEWLINE);
    const taken = end < 0 ? rest.length : end + 1;
    if (this.#held.length + taken > LINE_BYTES) throw new MalformedTransfer(`a line has more than ${LINE_BYTES} bytes`);
    const line = Buffer.concat([this.#held, rest.subarray(0, taken)]);
    this.#held = end < 0 ? line : Buffer.alloc(0);
    return end < 0 ? { taken } : { taken, part: this.#say(line) };
  }

  #say(bytes: Buffer): ScpPart {
    const message = this.#read(bytes);
    if (message.kind === 'end-of-file') this.#inFile = false;
    return { bytes, message };
  }

  #read(bytes: Buffer): ScpMessage {
    const first = bytes[0] ?? 0;
    if (this.#inFile) {
      if (first <= 2) return { kind: 'end-of-file', whole: first === 0 };
      throw new MalformedTransfer('a file does not end where it said');
    }
    const line = bytes.subarray(0, -1).toString('latin1');
    if (first === 1 || first === 2) return { kind: 'complaint' };
    if (LEAVE_OR_TIMES.test(line)) return { kind: line === 'E' ? 'leave' : 'times' };
    const [, letter, mode, size, text] = ENTRY.exec(line) ?? [];
    if (mode === undefined || size === undefined || text === undefined) {
      throw new MalformedTransfer('not a line of scp');
    }
    const name = Buffer.from(text, 'latin1');
    return letter === 'D' ? { kind: 'directory', name } : { kind: 'file', mode, sizeBytes: Number(size), name };
  }
}
