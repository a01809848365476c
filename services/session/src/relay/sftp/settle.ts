import type { FileRecord } from '../file-acts.js';
import type { OpenFiles } from './open-files.js';
import { Fx } from './protocol.js';
import type { Expected } from './request-judge.js';
import type { SftpReply } from './sftp-reply.js';

/** What an answer of the target means for the record: a file is open, bytes went over, a change did not happen. */
export function settle(
  expected: Expected,
  reply: SftpReply,
  files: OpenFiles,
  record: Pick<FileRecord, 'failed'>,
): void {
  switch (expected.kind) {
    case 'open':
      if (reply.kind === 'handle') files.opened(reply.handle, expected.file);
      else files.finish(expected.file, 'failed');
      return;
    case 'read': {
      const file = files.get(expected.handle);
      if (file && reply.kind === 'data') file.bytesRead += reply.dataBytes;
      return;
    }
    case 'write': {
      const file = files.get(expected.handle);
      if (file && reply.kind === 'status' && reply.code === Fx.ok) file.bytesWritten += expected.dataBytes;
      return;
    }
    case 'close':
      // Also where the target complains: the handle is gone (close(2) is no different).
      files.closed(expected.handle);
      return;
    case 'change':
      if (reply.kind === 'status' && reply.code !== Fx.ok) record.failed(expected.change, `status ${reply.code}`);
      return;
    case 'nothing':
  }
}
