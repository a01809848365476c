import type { FilePolicy } from '@sallyport/contracts';

/** One of the switches of `grant.policy.files`. */
export type FilePermission = keyof FilePolicy;

/** What is changed at the target other than by writing to an open file. */
export interface FileChange {
  readonly operation: 'rename' | 'remove' | 'mkdir' | 'rmdir' | 'symlink' | 'hardlink' | 'set-attributes' | 'copy-data';
  readonly path: Buffer;
  readonly toPath?: Buffer;
  /** Text for people: attributes, ranges. */
  readonly detail?: string;
}

/** A file that is opened, to be read, written, or both. */
export interface FileOpening {
  readonly path: Buffer;
  readonly direction: 'upload' | 'download' | 'both';
  /** How it is opened, for people. */
  readonly detail?: string;
}

/** What became of an opened file. */
export interface FileEnd {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly ended: 'closed' | 'channel-ended' | 'failed';
}

/** Whoever records what one channel does to files. What must be recorded is, when the promise resolves. */
export interface FileRecord {
  /**
   * Before the target hears of it.
   * @returns the number of the file, to close it by
   * @throws DomainError `audit.unavailable`: then it must not be opened
   */
  opened(opening: FileOpening): Promise<number>;
  /** What was opened is done with. */
  closed(file: number, end: FileEnd): void;
  /** Before the target hears of it. @throws DomainError `audit.unavailable`: then it must not be done */
  changed(change: FileChange): Promise<void>;
  /** The target did not do what was recorded before, and said why. */
  failed(change: FileChange, status: string): void;
  /** It was refused by policy. @throws DomainError `audit.unavailable`: it is refused all the same */
  refused(permission: FilePermission, path: Buffer): Promise<void>;
  /** The channel ends because one side does not speak its protocol. @throws DomainError `audit.unavailable` */
  malformed(reason: string): Promise<void>;
}
