import { z } from 'zod';
import { defineEvent } from '../define.js';
import { SessionId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

/** A channel of sftp, or of legacy scp. */
const channel = {
  sessionId: pub(SessionId),
  userId: pub(UserId),
  /** As in `channel.opened`. */
  channel: pub(z.int()),
  protocol: pub(z.enum(['sftp', 'scp'])),
};
/** A name as the client or the target sent it: text, with bytes that are not UTF-8 replaced; then also the bytes themselves. */
const name = sensitive(z.string());
const bytes = sensitive(z.base64()).optional();
/** Switches of `ProtocolPolicy.files`. */
const permission = z.enum(['upload', 'download', 'rename', 'remove', 'mkdir', 'rmdir']);

export const FileOpened = defineEvent({
  name: 'file.opened',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'A file is about to be opened at the target, or sent. Nothing of it is passed on before this is stored.',
  data: z.object({
    ...channel,
    /** Counted from 0 within the channel. */
    file: pub(z.int()),
    /** sftp: as asked for. scp: the directories and the name that were sent, below or at the path in the command of the channel. */
    path: name,
    pathBase64: bytes,
    direction: pub(z.enum(['upload', 'download', 'both'])),
    /** sftp: the flags. scp: mode and size that were announced. */
    detail: pub(z.string()).optional(),
  }),
});

export const FileClosed = defineEvent({
  name: 'file.closed',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'What became of an opened file: what was read and written, as far as the receiving side agreed.',
  data: z.object({
    ...channel,
    file: pub(z.int()),
    path: name,
    pathBase64: bytes,
    direction: pub(z.enum(['upload', 'download', 'both'])),
    bytesRead: pub(z.int()),
    bytesWritten: pub(z.int()),
    durationMs: pub(z.int()),
    /** `failed`: it was not opened, or not taken to its end. */
    ended: pub(z.enum(['closed', 'failed', 'channel-ended'])),
  }),
});

export const FileChanged = defineEvent({
  name: 'file.changed',
  sources: ['session'],
  guarantee: 'enforced',
  description:
    'Something is about to be done to a file or directory at the target. `file.failed` follows if it was not.',
  data: z.object({
    ...channel,
    operation: pub(
      z.enum(['rename', 'remove', 'mkdir', 'rmdir', 'symlink', 'hardlink', 'set-attributes', 'copy-data']),
    ),
    /** The first name in the request. For `symlink`, what the link points to (OpenSSH's order). */
    path: name,
    pathBase64: bytes,
    /** The second one: where to, or the new link. */
    toPath: name.optional(),
    toPathBase64: bytes,
    detail: pub(z.string()).optional(),
  }),
});

export const FileFailed = defineEvent({
  name: 'file.failed',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'The target did not do what `file.changed` announced.',
  data: z.object({
    ...channel,
    operation: FileChanged.data.shape.operation,
    path: name,
    pathBase64: bytes,
    /** What the target said. */
    reason: sensitive(z.string()),
  }),
});

export const FileRefused = defineEvent({
  name: 'file.refused',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'Policy did not permit something to be done to a file or directory, so the target never heard of it.',
  data: z.object({ ...channel, permission: pub(permission), path: name, pathBase64: bytes }),
});
