import { randomBytes } from 'node:crypto';

/** A UUID that says when it was made (version 7, RFC 9562 section 5.7): 48 bits of Unix time in ms, then random bits. */
export function timeOrderedId(now: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** When an id of that kind was made; undefined for any other text. */
export function timeOf(id: string): Date | undefined {
  const hex = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(id);
  return hex ? new Date(parseInt(`${hex[1] ?? ''}${hex[2] ?? ''}`, 16)) : undefined;
}
