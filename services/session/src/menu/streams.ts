import { PassThrough, Writable } from 'node:stream';
import type { ScreenSize } from './screen.js';

/** A client may claim any size; nothing is drawn for more than this. */
const LARGEST: ScreenSize = { columns: 500, rows: 200 };
/** What terminals have that do not say. */
const USUAL: ScreenSize = { columns: 80, rows: 24 };
/** SUB, Ctrl-Z. Node's readline stops its whole process at it, since it takes itself for a program in the foreground. */
const SUB = 0x1a;

/** The size to draw for: what the client says, within reason; the usual where it says 0. */
export function drawable({ columns, rows }: ScreenSize): ScreenSize {
  return {
    columns: columns === 0 ? USUAL.columns : Math.min(columns, LARGEST.columns),
    rows: rows === 0 ? USUAL.rows : Math.min(rows, LARGEST.rows),
  };
}

/** Keys for a prompt. */
export class Keys extends PassThrough {
  press(bytes: Buffer): void {
    if (!this.writableEnded) this.write(bytes.filter((byte) => byte !== SUB));
  }
}

/** The terminal that a prompt draws on. It says `resize`, as terminals of Node do. */
export class Display extends Writable {
  columns = USUAL.columns;
  rows = USUAL.rows;
  #drained: (() => void)[] = [];

  /** @param send resolves when the client has taken it */
  constructor(
    private readonly send: (bytes: Buffer) => Promise<unknown>,
    size: ScreenSize,
  ) {
    super();
    Object.assign(this, drawable(size));
  }

  resize(size: ScreenSize): void {
    Object.assign(this, drawable(size));
    this.redraw();
  }

  /** What prompts do at a resize is what they do when what they show has changed. */
  redraw(): void {
    this.emit('resize');
  }

  /** Resolves when the client has taken all that was drawn. */
  async drained(): Promise<void> {
    if (this.writableLength > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // The client's terminal is in raw mode: a line feed alone goes down and not back.
    void this.send(Buffer.from(chunk.toString().replaceAll('\n', '\r\n'))).finally(() => {
      done();
      if (this.writableLength > 0) return;
      for (const resolve of this.#drained.splice(0)) resolve();
    });
  }
}
