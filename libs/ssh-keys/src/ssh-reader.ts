import { SshFormatError } from './ssh-format-error.js';

/** Longest `string` that is read unless the caller says otherwise, in bytes; larger than any key or signature we accept. */
const DEFAULT_LIMIT_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the data types of RFC 4251 section 5 from bytes that a stranger may have sent.
 * A length is checked against what is there before anything is read; nothing is allocated by a length field.
 * Every method throws `SshFormatError` when the bytes are not of its type.
 */
export class SshReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remainingBytes(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    return this.#take(1).readUInt8();
  }

  /** Any value but 0 is true, as the RFC asks of a reader. */
  boolean(): boolean {
    return this.byte() !== 0;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  /** The content of a `string`, as a view of the input: copy it to keep it. */
  string(limitBytes = DEFAULT_LIMIT_BYTES): Buffer {
    const length = this.uint32();
    if (length > this.remainingBytes) throw new SshFormatError('truncated', 'an SSH string ends early');
    if (length > limitBytes) throw new SshFormatError('too-long', `an SSH string is longer than ${limitBytes} bytes`);
    return this.#take(length);
  }

  /** A `string` that must be well-formed UTF-8. */
  text(limitBytes = DEFAULT_LIMIT_BYTES): string {
    const bytes = this.string(limitBytes);
    try {
      return utf8.decode(bytes);
    } catch {
      throw new SshFormatError('bad-text', 'an SSH string is not valid UTF-8');
    }
  }

  /**
   * A non-negative `mpint` as its magnitude: big endian, no leading zero, empty for 0.
   * Negative numbers and needless leading zeros are refused; no key or signature has them.
   */
  mpint(limitBytes = DEFAULT_LIMIT_BYTES): Buffer {
    const bytes = this.string(limitBytes + 1);
    const [first, second] = bytes;
    if (first === undefined) return bytes;
    if (first >= 0x80) throw new SshFormatError('bad-number', 'an SSH number is negative');
    if (first === 0 && (second === undefined || second < 0x80)) {
      throw new SshFormatError('bad-number', 'an SSH number is padded');
    }
    const magnitude = first === 0 ? bytes.subarray(1) : bytes;
    if (magnitude.length > limitBytes) {
      throw new SshFormatError('too-long', `an SSH number is longer than ${limitBytes} bytes`);
    }
    return magnitude;
  }

  /** Names of US-ASCII letters, digits and signs (RFC 4251 section 6), none of them empty. */
  nameList(limitBytes = DEFAULT_LIMIT_BYTES): string[] {
    const text = this.string(limitBytes).toString('latin1');
    if (text === '') return [];
    const names = text.split(',');
    if (!names.every((name) => /^[\x21-\x7e]+$/.test(name))) {
      throw new SshFormatError('bad-text', 'an SSH name list has an empty or unprintable name');
    }
    return names;
  }

  /** Says that the structure is over. */
  end(): void {
    if (this.remainingBytes > 0)
      throw new SshFormatError('trailing-bytes', 'bytes follow the end of the SSH structure');
  }

  #take(length: number): Buffer {
    if (length > this.remainingBytes) throw new SshFormatError('truncated', 'the SSH structure ends early');
    const taken = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return taken;
  }
}
