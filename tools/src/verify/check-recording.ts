import { compareRecording, readHeader, type ChunkHash, type RecordedHashes } from '@sallyport/recording';
import { Tampered } from '@sallyport/transparency';

interface RecordingEvent {
  readonly type: string;
  readonly data: {
    readonly sessionId: string;
    readonly channel: number;
    readonly firstChunk?: number;
    readonly chunks?: readonly ChunkHash[];
    readonly sizeBytes?: number;
    readonly sha256?: string;
  };
}

/** Compares a recording with what the events of an export say of it: give it every line that was verified. */
export class CheckRecording {
  readonly #of: { readonly sessionId: string; readonly channel: number };
  readonly #chunks: ChunkHash[] = [];
  #whole: Pick<RecordedHashes, 'sizeBytes' | 'sha256'> | undefined;

  /**
   * @param recording an asciicast, as `GET /v1/sessions/{id}/recording` answered
   * @throws Tampered it does not say which it is
   */
  constructor(private readonly recording: Buffer) {
    const [first = ''] = recording.subarray(0, 65_536).toString().split('\n', 1);
    try {
      const { sallyport } = readHeader(first);
      if (sallyport) {
        this.#of = sallyport;
        return;
      }
    } catch {
      // said below
    }
    throw new Tampered('the recording does not begin with its header: chunk 1 was changed, or it is none of Sallyport');
  }

  line(text: string): void {
    if (!text.startsWith('{"sequence":') || !text.includes('"io.sallyport.recording.')) return;
    const { type, data } = (JSON.parse(text) as { event: RecordingEvent }).event;
    if (data.sessionId !== this.#of.sessionId || data.channel !== this.#of.channel) return;
    for (const [i, chunk] of (data.chunks ?? []).entries()) this.#chunks[(data.firstChunk ?? 0) + i] = chunk;
    const { sizeBytes, sha256 } = data;
    // What was stored counts, and of a recording that was lost and found again, the last.
    if (type === 'io.sallyport.recording.stored.v1' && sizeBytes !== undefined && sha256 !== undefined)
      this.#whole = { sizeBytes, sha256 };
  }

  /**
   * @returns a sentence
   * @throws Tampered with the first chunk that is wrong
   */
  end(): string {
    const { sessionId, channel } = this.#of;
    const name = `the recording of channel ${channel} of session ${sessionId}`;
    if (!this.#whole) throw new Tampered(`the export has no event of ${name}`);
    // Up to the first that no event tells of; the rest is held by the hash of the whole.
    const unknown = Array.from(this.#chunks).findIndex((chunk) => (chunk as ChunkHash | undefined) === undefined);
    const chunks = unknown < 0 ? this.#chunks : this.#chunks.slice(0, unknown);
    const wrong = compareRecording(this.recording, { chunks, ...this.#whole });
    if (wrong !== undefined) throw new Tampered(`${name}: ${wrong}`);
    return `${name}: ${chunks.length} chunks, as they were recorded`;
  }
}
