import { readEvent, readHeader } from '@sallyport/recording';
import type * as Headless from '@xterm/headless';
import { createTerminal, resizeTerminal } from '../recording/screen.js';
import { maxCommandLength } from './commands.js';

export interface ShownCommand {
  /** Since the start of the recording: when its line was left. */
  readonly seconds: number;
  readonly text: string;
}

/** What ends a prompt, as shells draw it: one of these and a blank. */
const promptEnd = /[$#%>❯»➜λ] $/u;

/**
 * What was run in a terminal, as its emulated screen showed it: a line that begins with the prompt that waited there, and that is
 * left by a line feed. It reads what was shown and never what was typed, so what is typed with echo off is not in it.
 *
 * An aid for people who look for something, and no boundary: whoever wants to hides from it. What it gets wrong is listed in
 * docs/recordings.md, and shown-commands.spec.ts shows each.
 */
export class ShownCommands {
  readonly found: ShownCommand[] = [];
  private started = false;
  private seconds = 0;
  /** The last prompt that waited, as text. */
  private prompt = '';
  /** Whether a prompt waits in the line of the cursor. */
  private waiting = false;

  private constructor(private readonly terminal: Headless.Terminal) {
    terminal.onLineFeed(() => {
      this.leaveLine();
    });
  }

  static async create(): Promise<ShownCommands> {
    return new ShownCommands(await createTerminal());
  }

  /** Unix time in milliseconds. */
  startedAt = 0;

  /**
   * @param line of an asciicast, the header first
   * @throws CastError
   */
  async show(line: string): Promise<void> {
    if (!this.started) {
      const { width, height, timestamp } = readHeader(line);
      this.startedAt = timestamp * 1_000;
      resizeTerminal(this.terminal, width, height);
      this.started = true;
      return;
    }
    const event = readEvent(line);
    if (event?.code === 'o') {
      this.seconds = event.seconds;
      await new Promise<void>((written) => {
        this.terminal.write(event.data, written);
      });
      this.seePrompt();
    } else if (event?.code === 'r') {
      const [columns = 80, rows = 24] = event.data.split('x').map(Number);
      resizeTerminal(this.terminal, columns, rows);
    }
  }

  /** After each piece of output: does a prompt stand left of the cursor, and wait? */
  private seePrompt(): void {
    const { active } = this.terminal.buffer;
    if (active.type === 'alternate') return;
    const text = this.textUpTo(active.baseY + active.cursorY, active.cursorX);
    const isKnown = this.prompt !== '' && text.startsWith(this.prompt);
    if (!isKnown && !promptEnd.test(text)) return;
    if (!isKnown) this.prompt = text;
    const typed = text.slice(this.prompt.length).trim();
    // The line was left for a list of completions, and is drawn again with what had been typed.
    if (!this.waiting && typed !== '' && this.found.at(-1)?.text === typed) this.found.pop();
    this.waiting = true;
  }

  /** The line feed has been done: the line that was left is the one above the cursor. */
  private leaveLine(): void {
    const { active } = this.terminal.buffer;
    if (!this.waiting || active.type === 'alternate') return;
    this.waiting = false;
    const text = this.textUpTo(active.baseY + active.cursorY - 1);
    const command = text.slice(this.prompt.length).trim().slice(0, maxCommandLength);
    if (text.startsWith(this.prompt) && command !== '') this.found.push({ seconds: this.seconds, text: command });
  }

  /** A line with those above that it goes on from, up to a column of its last row. */
  private textUpTo(y: number, column?: number): string {
    const { active } = this.terminal.buffer;
    const line = active.getLine(y);
    if (!line) return '';
    const row = line.translateToString(false, 0, column);
    return line.isWrapped ? this.textUpTo(y - 1) + row : row;
  }
}
