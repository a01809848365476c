import type { FileEnd, FileOpening, FileRecord } from '../file-acts.js';

/** A file that the target was asked to open. */
export interface OpenFile {
  readonly path: Buffer;
  readonly direction: FileOpening['direction'];
  /** Its number in the record; undefined until it has one. */
  number: number | undefined;
  bytesRead: number;
  bytesWritten: number;
}

/** The files of one channel that are open, by the target's handles. What is done with a handle that is none of theirs is not counted. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();

  constructor(private readonly record: Pick<FileRecord, 'closed'>) {}

  opened(handle: string, file: OpenFile): void {
    // A target that gives out a handle twice has closed the first.
    this.closed(handle);
    this.#files.set(handle, file);
  }

  get(handle: string): OpenFile | undefined {
    return this.#files.get(handle);
  }

  closed(handle: string): void {
    const file = this.#files.get(handle);
    if (file) this.finish(file, 'closed');
    this.#files.delete(handle);
  }

  /** Says of one file what became of it. */
  finish({ number, bytesRead, bytesWritten }: OpenFile, ended: FileEnd['ended']): void {
    if (number !== undefined) this.record.closed(number, { bytesRead, bytesWritten, ended });
  }

  /** The channel is over. */
  end(): void {
    for (const file of this.#files.values()) this.finish(file, 'channel-ended');
    this.#files.clear();
  }
}
