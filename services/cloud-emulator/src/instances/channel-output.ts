import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** The members of a channel of ssh2 1.17 in which it keeps the rest of a write that has to wait for the window. */
interface Remains {
  _chunk: Buffer | undefined;
  _chunkcb: unknown;
  _chunkErr: Buffer | undefined;
  _chunkcbErr: unknown;
}

/**
 * Writes output and error output to a channel, one write after the other. ssh2 never forgets the rest of a write that
 * had to wait; with both streams in use it would send that rest of the one again when the other has to wait.
 */
export class ChannelOutput {
  readonly #remains: Remains;
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly channel: ServerChannel) {
    this.#remains = channel as unknown as Remains;
  }

  /** When it is on its way; never, once the channel is closed. */
  write(data: Buffer, stream: 'output' | 'error' = 'output'): Promise<void> {
    const target = stream === 'output' ? this.channel : this.channel.stderr;
    this.#last = this.#last.then(async () => {
      await new Promise<void>((resolve) => {
        target.write(data, () => {
          resolve();
        });
      });
      Object.assign(this.#remains, {
        _chunk: undefined,
        _chunkcb: undefined,
        _chunkErr: undefined,
        _chunkcbErr: undefined,
      });
    });
    return this.#last;
  }

  /** Writes all that a stream gives, no faster than the channel takes it. */
  take(source: Readable, stream: 'output' | 'error'): void {
    source.on('data', (data: Buffer) => {
      source.pause();
      void this.write(data, stream).then(() => source.resume());
    });
  }

  /** Ends the channel with an exit status or a signal's name, after all that was written. */
  end(exit: number | NodeJS.Signals): void {
    void this.#last.then(() => {
      if (typeof exit === 'number') this.channel.exit(exit);
      else this.channel.exit(exit, false, '');
      this.channel.end();
    });
  }
}
