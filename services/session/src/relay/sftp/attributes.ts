import type { SshReader } from '@sallyport/ssh-keys';

const SIZE = 0x1;
const OWNER = 0x2;
const PERMISSIONS = 0x4;
const TIMES = 0x8;

/** What a request sets. */
export interface SetAttributes {
  /** For people: `size 0, mode 0644`. */
  readonly detail: string;
  /** Nothing but the size, as OpenSSH does at the end of each file that it writes. */
  readonly onlySize: boolean;
}

/**
 * ATTRS of version 3 (draft-ietf-secsh-filexfer-02 section 5):
 *
 *     uint32 flags; uint64 size; uint32 uid, gid; uint32 permissions; uint32 atime, mtime; uint32 extended_count, …
 *
 * each only when its flag is set.
 * @throws SshFormatError it ends early
 */
export function readAttributes(reader: SshReader): SetAttributes {
  const flags = reader.uint32();
  const said: string[] = [];
  if (flags & SIZE) said.push(`size ${String(reader.uint64())}`);
  if (flags & OWNER) said.push(`owner ${reader.uint32()}, group ${reader.uint32()}`);
  if (flags & PERMISSIONS) said.push(`mode ${reader.uint32().toString(8).padStart(4, '0')}`);
  if (flags & TIMES) {
    reader.uint32();
    said.push(`modified ${new Date(reader.uint32() * 1_000).toISOString()}`);
  }
  return { detail: said.join(', ') || 'nothing', onlySize: flags === SIZE };
}
