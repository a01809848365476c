import { DomainError } from '@sallyport/errors';
import type { FileChange, FileEnd, FileOpening, FilePermission, FileRecord } from '../relay/file-acts.js';

/** A record that is kept as lines of text; `failing` refuses what must be recorded, `hold` makes it wait. */
export class RecordedFiles implements FileRecord {
  readonly lines: string[] = [];
  failing = false;
  hold: Promise<void> | undefined;
  #count = 0;

  async opened({ path, direction }: FileOpening): Promise<number> {
    await this.#store(`${direction} ${path.toString()}`);
    this.#count += 1;
    return this.#count - 1;
  }

  closed(file: number, { bytesRead, bytesWritten, ended }: FileEnd): void {
    this.lines.push(`${ended} ${file}: ${bytesRead} read, ${bytesWritten} written`);
  }

  changed({ operation, path, toPath, detail }: FileChange): Promise<void> {
    const words = [operation, path.toString(), toPath?.toString(), detail && `(${detail})`];
    return this.#store(words.filter((word) => word !== undefined).join(' '));
  }

  failed({ operation, path }: FileChange, status: string): void {
    this.lines.push(`failed ${operation} ${path.toString()}: ${status}`);
  }

  refused(permission: FilePermission, path: Buffer): Promise<void> {
    return this.#store(`refused ${permission} ${path.toString()}`);
  }

  malformed(reason: string): Promise<void> {
    return this.#store(`malformed: ${reason}`);
  }

  async #store(line: string): Promise<void> {
    await this.hold;
    if (this.failing) throw new DomainError('audit.unavailable', 'this cannot be recorded now');
    this.lines.push(line);
  }
}
