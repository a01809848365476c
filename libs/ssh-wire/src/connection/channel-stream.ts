import { Duplex } from 'node:stream';
import type { Channel } from './channel.js';

/**
 * A channel as a stream of bytes, for what speaks a protocol of its own over it. It closes the channel when it is destroyed, and
 * is destroyed when the channel closes; it keeps no more than one event of the channel waiting.
 */
export class ChannelStream extends Duplex {
  #more: (() => void) | undefined;

  constructor(private readonly channel: Channel) {
    super({ allowHalfOpen: false });
    void this.#read();
    void this.#refuseRequests();
  }

  override _read(): void {
    this.#more?.();
    this.#more = undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    void this.channel.write(chunk).then((sent) => {
      done(sent ? undefined : new Error('the channel is closed'));
    });
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: () => void): void {
    this.channel.sendEof();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.channel.close();
    this.#more?.();
    done(error);
  }

  async #read(): Promise<void> {
    for await (const event of this.channel.incoming()) {
      if (event.kind === 'eof') this.push(null);
      if (event.kind === 'data' && !this.destroyed && !this.push(event.bytes)) {
        await new Promise<void>((resolve) => (this.#more = resolve));
      }
    }
    this.destroy();
  }

  async #refuseRequests(): Promise<void> {
    for await (const request of this.channel.requests()) request.reply(false);
  }
}
