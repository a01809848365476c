import headless from '@xterm/headless';
import { spawn } from 'node-pty';
import type { IPty } from 'node-pty';
import { waitFor } from '../wait-for.js';

export const keys = {
  up: '\x1b[A',
  down: '\x1b[B',
  pageDown: '\x1b[6~',
  end: '\x1b[F',
  enter: '\r',
  escape: '\x1b',
  backspace: '\x7f',
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlZ: '\x1a',
};

export interface TerminalOptions {
  /** `user@host`; the user may hold `@`. */
  readonly destination: string;
  readonly port: number;
  readonly privateKeyFile: string;
  readonly columns?: number;
  readonly rows?: number;
  /** What `ssh` itself says; the text of a disconnect needs INFO. */
  readonly logLevel?: 'ERROR' | 'INFO';
}

/** OpenSSH's `ssh` in a terminal, and somebody who types and looks at the screen. */
export class PersonAtTerminal {
  /** Every byte that came, for what a terminal would have acted upon. */
  received = '';
  /** Once `ssh` has ended. */
  exitCode: number | undefined;
  readonly #pty: IPty;
  readonly #screen: headless.Terminal;

  private constructor(pty: IPty, columns: number, rows: number) {
    this.#pty = pty;
    this.#screen = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
    pty.onData((data) => {
      this.received += data;
      this.#screen.write(data);
    });
    pty.onExit(({ exitCode }) => (this.exitCode = exitCode));
  }

  static ssh({
    destination,
    port,
    privateKeyFile,
    columns = 80,
    rows = 24,
    logLevel = 'ERROR',
  }: TerminalOptions): PersonAtTerminal {
    const options = [
      'UserKnownHostsFile=/dev/null',
      'StrictHostKeyChecking=no',
      'BatchMode=yes',
      `LogLevel=${logLevel}`,
    ];
    const pty = spawn(
      'ssh',
      [
        ...['-F', 'none', '-tt', '-p', String(port), '-i', privateKeyFile, '-o', 'IdentitiesOnly=yes'],
        ...options.flatMap((option) => ['-o', option]),
        destination,
      ],
      { name: 'xterm-256color', cols: columns, rows },
    );
    return new PersonAtTerminal(pty, columns, rows);
  }

  type(...texts: string[]): void {
    for (const text of texts) this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** What is on the screen, without the space to the right and below. */
  get screen(): string {
    const { active } = this.#screen.buffer;
    const lines = Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
    return lines.join('\n').trimEnd();
  }

  /** The program that is on the screen has taken all of it, as menus and editors do. */
  get inMenu(): boolean {
    return this.#screen.buffer.active.type === 'alternate';
  }

  async sees(text: string | RegExp): Promise<void> {
    const found = (): boolean => (typeof text === 'string' ? this.screen.includes(text) : text.test(this.screen));
    await waitFor(found, { what: `${String(text)} on the screen`, timeoutMs: 60_000 }).catch((error: unknown) => {
      throw new Error(`not seen: ${String(text)}; but:\n${this.screen}`, { cause: error });
    });
  }

  async hasLeft(): Promise<number> {
    await waitFor(() => this.exitCode !== undefined, { what: 'the end of ssh', timeoutMs: 60_000 });
    await new Promise<void>((resolve) => {
      this.#screen.write('', resolve);
    });
    return this.exitCode ?? -1;
  }

  hangUp(): void {
    if (this.exitCode === undefined) this.#pty.kill();
    this.#screen.dispose();
  }
}
