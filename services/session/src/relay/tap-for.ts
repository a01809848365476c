import type { FilePolicy } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { untapped } from './channel-tap.js';
import type { ChannelTap, TapEnds } from './channel-tap.js';
import type { FileRecord } from './file-acts.js';
import { MalformedTransfer } from './malformed-transfer.js';
import type { Start } from './relay-channel.js';
import { readScpCommand } from './scp/scp-command.js';
import { ScpTap } from './scp/scp-tap.js';
import { SftpTap } from './sftp/sftp-tap.js';

/** What the tap of a channel works with. */
export interface TapRules {
  readonly policy: FilePolicy;
  /** The record of this channel's files. */
  readonly record: (protocol: 'sftp' | 'scp') => FileRecord;
  /** The one line for a user. */
  readonly explain: (error: unknown) => string;
}

/** Who looks at the data of a channel, by what was started on it. */
export function tapFor({ kind, command }: Start, ends: TapEnds, { policy, record, explain }: TapRules): ChannelTap {
  if (kind === 'sftp') {
    const files = record('sftp');
    return endingMalformed('sftp', files, new SftpTap(ends, files, { policy, explain }));
  }
  const scp = kind === 'scp' && readScpCommand(command ?? '');
  if (!scp) return untapped(ends);
  const files = record('scp');
  return endingMalformed('scp', files, new ScpTap(scp, ends, files, policy));
}

/** A stream that is not what it was opened for can be neither judged nor recorded, so it ends, on record and with a line. */
function endingMalformed(protocol: 'sftp' | 'scp', record: FileRecord, tap: ChannelTap): ChannelTap {
  const watched = async (pass: Promise<void>): Promise<void> => {
    try {
      await pass;
    } catch (error) {
      if (!(error instanceof MalformedTransfer)) throw error;
      await record.malformed(error.message);
      throw new DomainError('transfer.malformed', `this is not ${protocol}: ${error.message}`, { cause: error });
    }
  };
  return {
    up: (bytes) => watched(tap.up(bytes)),
    down: (bytes) => watched(tap.down(bytes)),
    ended: (way) => {
      tap.ended(way);
    },
    end: () => {
      tap.end();
    },
  };
}
