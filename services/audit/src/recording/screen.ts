import { readEvent, readHeader } from '@sallyport/recording';
import type * as Headless from '@xterm/headless';
import type * as Serialize from '@xterm/addon-serialize';

/** Sizes that a screen is drawn at; a client may claim any. */
const [maxColumns, maxRows] = [1_000, 500];

/** A screen that nobody looks at. The library is loaded when it is first needed. */
export async function createTerminal(): Promise<Headless.Terminal> {
  // It is CommonJS: what it exports is the default of the module.
  const headless = (await import('@xterm/headless')) as unknown as { default: typeof Headless };
  return new headless.default.Terminal({ allowProposedApi: true, cols: 80, rows: 24, scrollback: 0 });
}

/** Within what a screen is drawn at. */
export function resizeTerminal(terminal: Headless.Terminal, columns: number, rows: number): void {
  terminal.resize(Math.min(Math.max(columns, 1), maxColumns), Math.min(Math.max(rows, 1), maxRows));
}

/** What a terminal shows, made from its asciicast. */
export class Screen {
  private started = false;

  private constructor(
    private readonly terminal: Headless.Terminal,
    private readonly serializer: Serialize.SerializeAddon,
  ) {}

  static async create(): Promise<Screen> {
    const terminal = await createTerminal();
    const serialize = (await import('@xterm/addon-serialize')) as unknown as { default: typeof Serialize };
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
        resizeTerminal(this.terminal, width, height);
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
        resizeTerminal(this.terminal, columns, rows);
      }
    }
  }

  /** What a terminal of this size must be sent to show the same. */
  drawn(): { columns: number; rows: number; text: string } {
    return { columns: this.terminal.cols, rows: this.terminal.rows, text: this.serializer.serialize() };
  }
}
