/**
 * Writes the data types of RFC 4251 section 5. Calls chain; `bytes()` gives what was written so far.
 * A number out of its type's range throws `RangeError`: that is a mistake of ours, never of the input.
 */
export class SshWriter {
  readonly #parts: Buffer[] = [];

  byte(value: number): this {
    const part = Buffer.alloc(1);
    part.writeUInt8(value);
    return this.#add(part);
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value);
    return this.#add(part);
  }

  uint64(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(value);
    return this.#add(part);
  }

  /** A `string`; text is written as UTF-8. */
  string(value: Uint8Array | string): this {
    const content = Buffer.from(value);
    return this.uint32(content.length).#add(content);
  }

  /** A non-negative `mpint` from its magnitude, big endian; leading zeros are dropped. */
  mpint(magnitude: Uint8Array): this {
    const start = magnitude.findIndex((byte) => byte !== 0);
    const digits = start < 0 ? Buffer.alloc(0) : Buffer.from(magnitude.subarray(start));
    const needsSign = (digits[0] ?? 0) >= 0x80;
    return this.string(needsSign ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
  }

  nameList(names: readonly string[]): this {
    return this.string(names.join(','));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #add(part: Buffer): this {
    this.#parts.push(part);
    return this;
  }
}
