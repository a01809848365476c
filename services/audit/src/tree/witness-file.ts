import { open, readFile } from 'node:fs/promises';
import type { Checkpoint } from './tree-store.js';
import { Witness } from './witness.js';

/**
 * A file on storage that the database's administrators do not write to: a line `{"checkpoint":NOTE,"madeAt":TIME}` each,
 * at the end. `sallyport verify --witness` reads it.
 */
export class FileWitness extends Witness {
  constructor(private readonly path: string) {
    super();
  }

  override async tell({ note, madeAt }: Checkpoint): Promise<void> {
    if ((await this.newest()) === note) return;
    const file = await open(this.path, 'a', 0o600);
    try {
      await file.appendFile(`${JSON.stringify({ checkpoint: note, madeAt: madeAt.toISOString() })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** A last line that was cut, since the machine stopped, is passed over. */
  override async newest(): Promise<string | undefined> {
    const text = await readFile(this.path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    return text
      .split('\n')
      .map((line) => /^\{"checkpoint":("(?:[^"\\]|\\.)*"),"madeAt":"[^"]*"\}$/.exec(line)?.[1])
      .filter((json) => json !== undefined)
      .map((json) => JSON.parse(json) as string)
      .at(-1);
  }
}
