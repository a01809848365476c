import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Tampered } from '@sallyport/transparency';

interface StoredEvent {
  readonly type: string;
  readonly data: { readonly object: string; readonly storedBytes: number };
}

/**
 * Compares the store of recordings, as a folder, with what an export says was put there: give it every line that was verified.
 * What the files hold is encrypted; `CheckRecording` compares that.
 */
export class CheckRecordings {
  readonly #wrong: string[] = [];
  #files = 0;

  constructor(private readonly folder: string) {}

  line(text: string): void {
    if (!text.startsWith('{"sequence":') || !text.includes('"io.sallyport.recording.stored.')) return;
    const { sequence, event } = JSON.parse(text) as { sequence: number; event: StoredEvent };
    if (event.type !== 'io.sallyport.recording.stored.v1') return;
    this.#files += 1;
    const { object, storedBytes } = event.data;
    const size = statSync(join(this.folder, object), { throwIfNoEntry: false })?.size;
    if (size === storedBytes) return;
    const what = size === undefined ? 'is missing' : `has ${size} bytes, and had ${storedBytes}`;
    this.#wrong.push(`recording ${object}, of event ${sequence}, ${what}`);
  }

  /**
   * @returns a sentence
   * @throws Tampered with each file that is missing or has another size
   */
  end(): string {
    if (this.#wrong.length > 0) throw new Tampered(this.#wrong.join('\n'));
    return `${this.#files} stored recordings: all there`;
  }
}
