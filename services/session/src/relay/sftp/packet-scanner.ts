import { MalformedTransfer } from '../malformed-transfer.js';

/** What is known of a packet once its head is here. */
export interface PacketHead {
  readonly type: number;
  /** What follows the type byte, as far as it was asked for. */
  readonly content: Buffer;
}

/** A piece of the stream. All pieces, one after the other, are the stream, byte for byte. */
export interface Part {
  readonly bytes: Buffer;
  /** Set on the first piece of a packet. */
  readonly head?: PacketHead;
  /** A packet ends with this piece. */
  readonly ends: boolean;
}

const FRAME_BYTES = 5;
/** OpenSSH's server takes no larger packet at all; what must be seen whole may have this size. */
export const HEAD_LIMIT_BYTES = 256 * 1024;
/** What passes unseen takes no memory, so servers may announce more than OpenSSH's (`limits@openssh.com`); text has longer "lengths". */
const PACKET_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Finds the packets of SFTP in a stream that comes in any pieces (draft-ietf-secsh-filexfer-02 section 3):
 *
 *     uint32  length    of what follows
 *     byte    type
 *     byte[length - 1]
 *
 * Data is never copied, only a head that came in two pieces. Memory is one head.
 */
export class PacketScanner {
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  #bodyBytes = 0;

  /** @param headBytes how much after the type byte must be here before the packet's first piece is handed out */
  constructor(private readonly headBytes: (type: number) => number) {}

  /** Whether the last piece ended a packet, and nothing of the next is here. */
  get atBoundary(): boolean {
    return this.#bodyBytes === 0 && this.#heldBytes === 0;
  }

  /** @throws MalformedTransfer this is no SFTP; the scanner is of no use afterwards */
  *scan(chunk: Buffer): Generator<Part, void, undefined> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#bodyBytes > 0) {
        const bytes = rest.subarray(0, this.#bodyBytes);
        this.#bodyBytes -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { bytes, ends: this.#bodyBytes === 0 };
        continue;
      }
      const [head, taken] = this.#takeHead(rest);
      rest = rest.subarray(taken);
      if (head) yield this.#begin(head);
    }
  }

  #begin(bytes: Buffer): Part {
    this.#bodyBytes = 4 + bytes.readUInt32BE(0) - bytes.length;
    const head = { type: bytes.readUInt8(4), content: bytes.subarray(FRAME_BYTES) };
    return { bytes, head, ends: this.#bodyBytes === 0 };
  }

  /** @returns the head, if it is complete, and how many bytes of `rest` are used up */
  #takeHead(rest: Buffer): [Buffer | undefined, number] {
    if (this.#heldBytes === 0 && rest.length >= FRAME_BYTES) {
      const wanted = this.#wanted(rest);
      if (rest.length >= wanted) return [rest.subarray(0, wanted), wanted];
    }
    let taken = this.#hold(rest, FRAME_BYTES);
    if (this.#heldBytes < FRAME_BYTES) return [undefined, taken];
    const wanted = this.#wanted(this.#held);
    taken += this.#hold(rest.subarray(taken), wanted);
    if (this.#heldBytes < wanted) return [undefined, taken];
    this.#heldBytes = 0;
    return [this.#held, taken];
  }

  /** Keeps bytes until `wanted` are held. @returns how many were taken */
  #hold(bytes: Buffer, wanted: number): number {
    if (this.#heldBytes === 0 || this.#held.length < wanted) {
      const larger = Buffer.allocUnsafe(wanted);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    const taken = Math.max(0, Math.min(wanted - this.#heldBytes, bytes.length));
    bytes.copy(this.#held, this.#heldBytes, 0, taken);
    this.#heldBytes += taken;
    return taken;
  }

  /** Size of the head with its frame. */
  #wanted(frame: Buffer): number {
    const length = frame.readUInt32BE(0);
    if (length < 1 || length > PACKET_LIMIT_BYTES) throw new MalformedTransfer(`a packet cannot have ${length} bytes`);
    const wanted = 4 + 1 + Math.min(this.headBytes(frame.readUInt8(4)), length - 1);
    if (wanted > HEAD_LIMIT_BYTES) throw new MalformedTransfer(`a request of ${length} bytes is too long`);
    return wanted;
  }
}
