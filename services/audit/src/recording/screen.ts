import { readEvent, readHeader } from '@sallyport/recording';
import type * as Headless from '@xterm/headless';
import type * as Serialize from '@xterm/addon-serialize';

/** Sizes that a screen is drawn at; a client may claim any. */
const [maxColumns, maxRows] = [1_000, 500];

/** What a terminal shows, made from its asciicast. */
export class Screen {
  private started = false;

  private constructor(
    private readonly terminal: Headless.Terminal,
    private readonly serializer: Serialize.SerializeAddon,
  ) {}

  /** The libraries are loaded when they are first needed. */
  static async create(): Promise<Screen> {
    // Both are CommonJS: what they export is the default of the module.
    const headless = (await import('@xterm/headless')) as unknown as { default: typeof Headless };
    const serialize = (await import('@xterm/addon-serialize')) as unknown as { default: typeof Serialize };
    const terminal = new headless.default.Terminal({ allowProposedApi: true, cols: 80, rows: 24, scrollback: 0 });
    const serializer = new serialize.default.SerializeAddon();
    // Written for the terminal of browsers, and used with this one by its own tests.
    terminal.loadAddon(serializer);
    return new Screen(terminal, serializer);
  }

  /** @param lines of the asciicast, the first with its header */
  async show(lines: string): Promise<void> {
    for (const line of lines.split('\n')) {
      if (line === '') continue;
      if (!this.started) {
        const { width, height } = readHeader(line);
        this.resize(width, height);
        this.started = true;
        continue;
      }
      const event = readEvent(line);
      if (event?.code === 'o')
        await new Promise<void>((written) => {
          this.terminal.write(event.data, written);
        });
      if (event?.code === 'r') {
        const [columns = 80, rows = 24] = event.data.split('x').map(Number);
        this.resize(columns, rows);
      }
    }
  }

  /** What a terminal of this size must be sent to show the same. */
  drawn(): { columns: number; rows: number; text: string } {
    return { columns: this.terminal.cols, rows: this.terminal.rows, text: this.serializer.serialize() };
  }

  private resize(columns: number, rows: number): void {
    this.terminal.resize(Math.min(Math.max(columns, 1), maxColumns), Math.min(Math.max(rows, 1), maxRows));
  }
}
