import { SshFormatError, SshReader } from '@sallyport/ssh-keys';
import type { FileChange } from '../file-acts.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { readAttributes } from './attributes.js';
import type { SetAttributes } from './attributes.js';
import type { PacketHead } from './packet-scanner.js';
import { Fxp, HANDLE_BYTES } from './protocol.js';

/** What is asked to be changed; `handle` in place of a path that was given when the file was opened. */
export type Change =
  | FileChange
  | ({ readonly operation: 'set-attributes'; readonly handle: string } & SetAttributes)
  | { readonly operation: 'copy-data'; readonly handle: string; readonly toHandle: string; readonly detail: string };

/** A request of the client, as far as rules and records need to know. Handles are byte strings, in latin1. */
export type SftpRequest =
  | { readonly kind: 'init'; readonly version: number }
  | { readonly kind: 'open'; readonly id: number; readonly path: Buffer; readonly flags: number }
  | { readonly kind: 'close' | 'read'; readonly id: number; readonly handle: string }
  | { readonly kind: 'write'; readonly id: number; readonly handle: string; readonly dataBytes: number }
  | { readonly kind: 'change'; readonly id: number; readonly change: Change }
  /** Looks at names and properties, or does nothing that anybody could see. */
  | { readonly kind: 'look'; readonly id: number }
  | { readonly kind: 'unknown'; readonly id: number };

/** A path longer than any system takes (Linux: 4,096 bytes) would not fit into an event. */
const PATH_BYTES = 16 * 1024;
const ID_BYTES = 4;

const looks = new Set<number>([Fxp.lstat, Fxp.fstat, Fxp.opendir, Fxp.readdir, Fxp.realpath, Fxp.stat, Fxp.readlink]);
/** Extensions of OpenSSH (PROTOCOL section 4) that look only, and `fsync`, which changes nothing that was not written before. */
const lookingExtensions = new Set([
  'statvfs@openssh.com',
  'fstatvfs@openssh.com',
  'fsync@openssh.com',
  'limits@openssh.com',
  'expand-path@openssh.com',
  'home-directory',
  'users-groups-by-id@openssh.com',
]);

/** How much of a request must be seen before any of it may pass: all of it, where a rule or the record depends on it. */
export function requestHeadBytes(type: number): number {
  if (looks.has(type)) return ID_BYTES;
  if (type === Fxp.close) return ID_BYTES + 4 + HANDLE_BYTES;
  // string handle, uint64 offset, uint32 length
  return type === Fxp.read || type === Fxp.write ? ID_BYTES + 4 + HANDLE_BYTES + 12 : Infinity;
}

/** @throws MalformedTransfer the request is not what its type promises. Bytes after its end are ignored, as servers do. */
export function readSftpRequest({ type, content }: PacketHead): SftpRequest {
  const reader = new SshReader(content);
  try {
    if (type === Fxp.init) return { kind: 'init', version: reader.uint32() };
    return readWithId(type, reader.uint32(), reader);
  } catch (error) {
    if (error instanceof SshFormatError) throw new MalformedTransfer(`request type ${type}: ${error.message}`);
    throw error;
  }
}

function readWithId(type: number, id: number, reader: SshReader): SftpRequest {
  switch (type) {
    case Fxp.open:
      return { kind: 'open', id, path: path(reader), flags: reader.uint32() };
    case Fxp.close:
      return { kind: 'close', id, handle: handle(reader) };
    case Fxp.read:
      return { kind: 'read', id, handle: handle(reader) };
    case Fxp.write: {
      const file = handle(reader);
      reader.uint64();
      return { kind: 'write', id, handle: file, dataBytes: reader.uint32() };
    }
    case Fxp.extended:
      return readExtension(reader.string().toString('latin1'), id, reader);
    default: {
      if (looks.has(type)) return { kind: 'look', id };
      const change = readChange(type, reader);
      return change ? { kind: 'change', id, change } : { kind: 'unknown', id };
    }
  }
}

function readChange(type: number, reader: SshReader): Change | undefined {
  switch (type) {
    case Fxp.setstat:
      return { operation: 'set-attributes', path: path(reader), detail: readAttributes(reader).detail };
    case Fxp.fsetstat:
      return { operation: 'set-attributes', handle: handle(reader), ...readAttributes(reader) };
    case Fxp.remove:
      return { operation: 'remove', path: path(reader) };
    case Fxp.mkdir:
      return { operation: 'mkdir', path: path(reader) };
    case Fxp.rmdir:
      return { operation: 'rmdir', path: path(reader) };
    case Fxp.rename:
      return { operation: 'rename', path: path(reader), toPath: path(reader) };
    case Fxp.symlink:
      return { operation: 'symlink', path: path(reader), toPath: path(reader) };
    default:
      return undefined;
  }
}

/**
 * SSH_FXP_EXTENDED: `uint32 id; string name; …` (OpenSSH's PROTOCOL section 4, and draft-ietf-secsh-filexfer-extensions-00 for
 * `copy-data`). An extension that is not listed here is unknown, however harmless: what is not understood cannot be recorded.
 */
function readExtension(name: string, id: number, reader: SshReader): SftpRequest {
  if (lookingExtensions.has(name)) return { kind: 'look', id };
  const change = readChangingExtension(name, reader);
  return change ? { kind: 'change', id, change } : { kind: 'unknown', id };
}

function readChangingExtension(name: string, reader: SshReader): Change | undefined {
  switch (name) {
    case 'posix-rename@openssh.com':
      return { operation: 'rename', path: path(reader), toPath: path(reader) };
    case 'hardlink@openssh.com':
      return { operation: 'hardlink', path: path(reader), toPath: path(reader) };
    case 'lsetstat@openssh.com':
      return { operation: 'set-attributes', path: path(reader), detail: readAttributes(reader).detail };
    case 'copy-data': {
      // string read-from-handle; uint64 read-from-offset, read-data-length; string write-to-handle; uint64 write-to-offset
      const from = handle(reader);
      const [offset, length] = [reader.uint64(), reader.uint64()];
      const toHandle = handle(reader);
      const detail = `${length === 0n ? 'all' : String(length)} bytes from ${String(offset)} to ${String(reader.uint64())}`;
      return { operation: 'copy-data', handle: from, toHandle, detail };
    }
    default:
      return undefined;
  }
}

function path(reader: SshReader): Buffer {
  // A copy: the record outlives the packet.
  return Buffer.from(reader.string(PATH_BYTES));
}

function handle(reader: SshReader): string {
  return reader.string(HANDLE_BYTES).toString('latin1');
}
