/** A recording on its way into the store. One of `commit` and `abort` ends it. */
export interface RecordingWriting {
  write(bytes: Buffer): Promise<void>;
  /** Resolves when it is there to stay, whole. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Port: where recordings are kept: encrypted bytes under a name. */
export abstract class RecordingStore {
  /** What is there under this name already stays until `commit`, which takes its place. */
  abstract create(object: string): Promise<RecordingWriting>;
  /** Fewer bytes at the end; none where there is no such object. */
  abstract read(object: string, offset: number, length: number): Promise<Buffer>;
}
