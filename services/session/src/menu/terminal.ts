import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import type { ChannelRequest } from '@sallyport/ssh-wire';
import type { ScreenSize } from './screen.js';

const TERM_LIMIT_BYTES = 256;
const MODES_LIMIT_BYTES = 4_096;

/**
 * A client's terminal, as it is now.
 * ```
 * pty-req        string TERM, uint32 columns, uint32 rows, uint32 width, uint32 height (pixels), string modes
 * window-change  uint32 columns, uint32 rows, uint32 width, uint32 height (pixels)
 * ```
 * (RFC 4254 sections 6.2 and 6.7)
 */
export class Terminal {
  private constructor(
    private readonly term: Buffer,
    /** The four numbers. */
    private size: Buffer,
    private readonly modes: Buffer,
  ) {}

  /** @throws SshFormatError the request is malformed */
  static of({ payload }: Pick<ChannelRequest, 'payload'>): Terminal {
    const reader = new SshReader(payload);
    const term = reader.string(TERM_LIMIT_BYTES);
    const size = sizeIn(reader);
    return new Terminal(Buffer.from(term), size, Buffer.from(reader.string(MODES_LIMIT_BYTES)));
  }

  /** @throws SshFormatError the request is malformed */
  resize({ payload }: Pick<ChannelRequest, 'payload'>): void {
    this.size = sizeIn(new SshReader(payload));
  }

  get screen(): ScreenSize {
    return { columns: this.size.readUInt32BE(0), rows: this.size.readUInt32BE(4) };
  }

  /** Whether it can move its cursor. */
  get draws(): boolean {
    return !['', 'dumb'].includes(this.term.toString('latin1'));
  }

  /** `pty-req` for a target. */
  request(): ChannelRequest {
    const rest = new SshWriter().string(this.modes).bytes();
    const payload = Buffer.concat([new SshWriter().string(this.term).bytes(), this.size, rest]);
    return { name: 'pty-req', wantReply: true, payload };
  }
}

function sizeIn(reader: SshReader): Buffer {
  const numbers = [reader.uint32(), reader.uint32(), reader.uint32(), reader.uint32()];
  return numbers.reduce((writer, number) => writer.uint32(number), new SshWriter()).bytes();
}
