import { ChannelRefused, FileChanged, FileClosed, FileFailed, FileOpened, FileRefused } from '@sallyport/contracts';
import type { EventContract, EventData, SessionId, UserId } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { FileChange, FileEnd, FileOpening, FilePermission, FileRecord } from '../relay/file-acts.js';

/** Whose channel it is. */
export interface FileChannel {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly channel: number;
  readonly protocol: 'sftp' | 'scp';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The audit log's record of what one channel does to files. */
export class AuditedFiles implements FileRecord {
  #count = 0;
  readonly #open = new Map<number, FileOpening & { readonly at: number }>();

  constructor(
    private readonly audit: AuditPublisher,
    private readonly of: FileChannel,
  ) {}

  async opened(opening: FileOpening): Promise<number> {
    const file = this.#count;
    this.#count += 1;
    const { path, direction, detail } = opening;
    await this.audit.publish(FileOpened, { ...this.of, file, ...named(path), direction, ...(detail && { detail }) });
    this.#open.set(file, { ...opening, at: Date.now() });
    return file;
  }

  closed(file: number, end: FileEnd): void {
    const opening = this.#open.get(file);
    if (!opening) return;
    this.#open.delete(file);
    const { path, direction, at } = opening;
    this.#publish(FileClosed, { ...this.of, file, ...named(path), direction, ...end, durationMs: Date.now() - at });
  }

  async changed({ operation, path, toPath, detail }: FileChange): Promise<void> {
    await this.audit.publish(FileChanged, {
      ...this.of,
      operation,
      ...named(path),
      ...(toPath && namedTo(toPath)),
      ...(detail && { detail }),
    });
  }

  failed({ operation, path }: FileChange, reason: string): void {
    this.#publish(FileFailed, { ...this.of, operation, ...named(path), reason });
  }

  async refused(permission: FilePermission, path: Buffer): Promise<void> {
    await this.audit.publish(FileRefused, { ...this.of, permission, ...named(path) });
  }

  async malformed(reason: string): Promise<void> {
    const { sessionId, userId, channel, protocol } = this.of;
    await this.audit.publish(ChannelRefused, { sessionId, userId, channel, kind: protocol, reason });
  }

  /** What nobody waits for: the publisher counts and logs what is lost. */
  #publish<E extends EventContract>(event: E, data: EventData<E>): void {
    void this.audit.publish(event, data).catch(() => undefined);
  }
}

/** A name as text; one that is no UTF-8 also byte for byte. */
function named(path: Buffer): { path: string; pathBase64?: string } {
  try {
    return { path: utf8.decode(path) };
  } catch {
    return { path: path.toString('utf8'), pathBase64: path.toString('base64') };
  }
}

function namedTo(path: Buffer): { toPath: string; toPathBase64?: string } {
  const { path: toPath, pathBase64 } = named(path);
  return { toPath, ...(pathBase64 !== undefined && { toPathBase64: pathBase64 }) };
}
