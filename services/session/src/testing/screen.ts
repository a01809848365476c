import { join } from 'node:path';
import { mustRun, run, tempDir } from '@sallyport/testing';

/** A terminal of 80 by 24 that shows what a program draws, with tmux as the terminal. */
export class Screen {
  private constructor(private readonly socket: string) {}

  /** @param command for the shell */
  static async start(command: string): Promise<Screen> {
    const screen = new Screen(join(tempDir(), 'tmux'));
    await screen.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', command);
    return screen;
  }

  /** What is to be seen, line by line. */
  show(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** As tmux names keys: `Space`, `Escape`, or text. */
  async type(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async close(): Promise<void> {
    await run('tmux', ['-S', this.socket, 'kill-server']);
  }

  #tmux(...args: string[]): Promise<string> {
    return mustRun('tmux', ['-u', '-S', this.socket, ...args]);
  }
}
