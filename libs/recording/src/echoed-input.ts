/** Characters of one line that wait for their echo; a line that is longer is not kept. */
const LONGEST_LINE = 4_096;
/** Lines that were typed ahead. */
const MOST_LINES = 64;

interface Line {
  /** All that was typed, keys included. */
  keys: string;
  /** What a terminal would show of it. */
  printable: string[];
  echoed: number;
  ended: boolean;
  withheld: boolean;
}

/**
 * Finds out which lines of what is typed at a terminal were shown while they were typed. A line is kept when the terminal
 * answered with exactly its characters, in order and with nothing else before them; then it is kept whole, with the keys in it.
 * All other lines are withheld: passwords, and whatever else was not echoed.
 *
 * A heuristic that errs to the side of withholding. It gets wrong (echoed-input.spec.ts shows each):
 * - keys of full-screen programs (`j` in less) and search (Ctrl-R) are withheld, since nothing echoes them
 * - a line is withheld when other output, of a job in the background say, comes between a character and its echo
 * - a password is kept when the terminal shows, before the end of the line, exactly its characters: then it is on screen, and
 *   in the output that is recorded, as well
 */
export class EchoedInput {
  readonly #lines: Line[] = [];
  #keyState: 'text' | 'escape' | 'sequence' | 'one-more' = 'text';
  #screenState: 'text' | 'escape' | 'sequence' | 'string' = 'text';

  /** Something was typed. */
  typed(text: string): void {
    for (const char of text) this.#key(char);
  }

  /**
   * Something was shown.
   * @returns what is settled now, in order: the text of a line that was echoed, or undefined for one that is withheld
   */
  shown(text: string): (string | undefined)[] {
    const settled: (string | undefined)[] = [];
    for (const char of text) {
      if (this.#lines.length === 0) {
        // Escape sequences may be cut anywhere, so they are followed also while nothing waits.
        this.#visible(char);
        continue;
      }
      this.#show(char, settled);
    }
    this.#settleEchoed(settled);
    return settled;
  }

  /** No more will come: whatever was not echoed by now is withheld. @returns whether something was */
  end(): boolean {
    return this.#lines.splice(0).some(({ printable, echoed, withheld }) => withheld || echoed < printable.length);
  }

  #key(char: string): void {
    let line = this.#lines.at(-1);
    if (!line || line.ended) {
      if (this.#lines.length >= MOST_LINES) {
        this.#overflow();
        return;
      }
      line = { keys: '', printable: [], echoed: 0, ended: false, withheld: false };
      this.#lines.push(line);
    }
    if (line.keys.length >= LONGEST_LINE) line.withheld = true;
    else line.keys += char;
    if (this.#keyIsText(char) && !line.withheld) line.printable.push(char);
    if (char === '\r' || char === '\n' || char === '\x03' || char === '\x04') line.ended = true;
  }

  #overflow(): void {
    const last = this.#lines.at(-1);
    if (last) last.withheld = true;
  }

  /** Keys that are no characters: control keys, and ESC with what belongs to it (ECMA-48 section 5.4; `ESC O x`; Alt and a key). */
  #keyIsText(char: string): boolean {
    switch (this.#keyState) {
      case 'escape':
        this.#keyState = char === '[' ? 'sequence' : char === 'O' ? 'one-more' : 'text';
        return false;
      case 'sequence':
        if (char >= '@' && char <= '~') this.#keyState = 'text';
        return false;
      case 'one-more':
        this.#keyState = 'text';
        return false;
      case 'text':
        if (char === '\x1b') this.#keyState = 'escape';
        return isPrintable(char);
    }
  }

  #show(char: string, settled: (string | undefined)[]): void {
    const newline = char === '\n' && this.#screenState === 'text';
    const visible = this.#visible(char);
    if (!newline && !visible) return;
    const line = this.#lines[0];
    if (!line) return;
    if (newline) {
      // The line was ended, and its end is shown: what was not echoed by now never was.
      if (line.echoed < line.printable.length) line.withheld = true;
      if (line.ended) this.#settle(settled);
      return;
    }
    const waiting = line.printable[line.echoed];
    if (waiting === undefined) {
      if (line.ended) {
        this.#settle(settled);
        this.#show(char, settled);
      }
      return;
    }
    if (waiting === char) line.echoed += 1;
    else line.withheld = true;
  }

  /** Of a terminal without echo there may be no newline: a whole line settles with whatever is shown after it. */
  #settleEchoed(settled: (string | undefined)[]): void {
    while (this.#lines[0]?.ended && this.#lines[0].withheld) this.#settle(settled);
  }

  #settle(settled: (string | undefined)[]): void {
    const line = this.#lines.shift();
    if (line) settled.push(line.withheld ? undefined : line.keys);
  }

  /** Whether a character of the output is seen, and is not part of a control function (ECMA-48 section 5). */
  #visible(char: string): boolean {
    switch (this.#screenState) {
      case 'escape':
        // CSI; or OSC, DCS, PM, APC, SOS: strings that end in ST or BEL; or one more character.
        this.#screenState = char === '[' ? 'sequence' : ']PX^_'.includes(char) ? 'string' : 'text';
        return false;
      case 'sequence':
        if (char >= '@' && char <= '~') this.#screenState = 'text';
        return false;
      case 'string':
        if (char === '\x07') this.#screenState = 'text';
        else if (char === '\x1b') this.#screenState = 'escape';
        return false;
      case 'text':
        if (char === '\x1b') this.#screenState = 'escape';
        return isPrintable(char);
    }
  }
}

const isPrintable = (char: string): boolean => char >= ' ' && char !== '\x7f' && !(char >= '\x80' && char < '\xa0');
