import type { Command } from '@sallyport/contracts';
import { ChannelOpened, RecordingStored, type EventContract, type EventData } from '@sallyport/contracts';
import type { LoggedEvent } from '../log/audit-event.js';

/** One command of a channel. */
export interface RunCommand {
  readonly sessionId: string;
  readonly channel: number;
  /** 0: as it was given to the server; from 1 on: what the screen showed, in this order. */
  readonly number: number;
  readonly userId: string;
  readonly at: Date;
  readonly text: string;
}

/** A recording in the store whose screen is to be read. */
export interface UnreadRecording {
  readonly sessionId: string;
  readonly channel: number;
  readonly userId: string;
  readonly object: string;
}

export interface CommandFilter {
  /** Somewhere in it, in either case. */
  readonly text?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly accountId?: string | undefined;
  /** Run from this time on. */
  readonly since?: string | undefined;
  /** Run before this time. */
  readonly until?: string | undefined;
}

/** Port: what was run. */
export abstract class Commands {
  /** Safe to repeat: what is there stays as it is. */
  abstract add(commands: readonly RunCommand[], unread: readonly UnreadRecording[]): Promise<void>;
  /** One that is due, for some minutes nobody else's; one that fails comes again a few times, later each time. */
  abstract nextUnread(): Promise<UnreadRecording | undefined>;
  /** It has been read: puts its commands down with that. */
  abstract read(recording: UnreadRecording, commands: readonly RunCommand[]): Promise<void>;
  /** Newest first, from the first one that was put down before `before`. @returns each with its place */
  abstract page(
    filter: CommandFilter,
    before: number | undefined,
    limit: number,
  ): Promise<{ command: Command; place: number }[]>;
}

/** Far more than anybody types, and what an index takes. */
export const maxCommandLength = 4_096;

/** What events say of commands: those of `exec` and scp as given, and the recordings of terminals that are there to be read. */
export function commandsIn(events: readonly LoggedEvent[]): { given: RunCommand[]; unread: UnreadRecording[] } {
  const given: RunCommand[] = [];
  const unread: UnreadRecording[] = [];
  for (const event of events) {
    const opened = dataOf(ChannelOpened, event);
    if (opened && event.command !== undefined && (opened.kind === 'exec' || opened.kind === 'scp')) {
      const { sessionId, channel, userId } = opened;
      const text = event.command.slice(0, maxCommandLength);
      given.push({ sessionId, channel, number: 0, userId, at: event.time, text });
    }
    const stored = dataOf(RecordingStored, event);
    if (stored?.kind === 'terminal') unread.push(stored);
  }
  return { given, unread };
}

const dataOf = <E extends EventContract>(contract: E, { type, data }: LoggedEvent): EventData<E> | undefined =>
  type === contract.type ? (contract.data.safeParse(data).data as EventData<E> | undefined) : undefined;
