import type { Key } from 'node:readline';
import { Prompt } from '@clack/core';
import type { Target } from '@sallyport/contracts';
import { listRows, screen } from './screen.js';
import type { Shown } from './screen.js';
import type { Display, Keys } from './streams.js';
import type { TargetList } from './target-list.js';

export interface PromptParts {
  readonly keys: Keys;
  readonly display: Display;
  readonly list: TargetList;
  /** Ends the prompt without a choice. */
  readonly signal: AbortSignal;
  readonly view: () => Shown;
}

/** What a key does to the list; a list never rejects. */
const acts = new Map<string, (list: TargetList, page: number) => Promise<void>>([
  ['up', (list) => list.move(-1)],
  ['ctrl-p', (list) => list.move(-1)],
  ['down', (list) => list.move(1)],
  ['ctrl-n', (list) => list.move(1)],
  ['tab', (list) => list.move(1)],
  ['pageup', (list, page) => list.move(-page)],
  ['pagedown', (list, page) => list.move(page)],
  ['home', (list) => list.move(-Infinity)],
  ['end', (list) => list.move(Infinity)],
  ['backspace', (list) => list.erase('character')],
  ['ctrl-w', (list) => list.erase('word')],
  ['ctrl-u', (list) => list.erase('all')],
]);

/**
 * The menu as a prompt of clack: that reads keys, draws only what changed, and gives the cursor back at the end. What was typed
 * is kept in the list, not in the line of Node's readline below it, which knows history and a clipboard that nobody needs here.
 */
export class TargetPrompt extends Prompt<Target> {
  /** The user wants all targets again. */
  wantsAll = false;

  constructor(private readonly parts: PromptParts) {
    const { keys, display, signal } = parts;
    super({ input: keys, output: display, signal, render: () => screen(parts.view(), display) }, false);
    this.on('key', (text, key) => {
      this.#onKey(text, key);
      this._clearUserInput();
    });
  }

  /** Enter is no choice where there is nothing to choose. */
  protected override _shouldSubmit(): boolean {
    return this.value !== undefined;
  }

  #onKey(text: string | undefined, { name = '', ctrl = false, meta = false }: Key): void {
    const { list, display, view } = this.parts;
    const act = acts.get(ctrl ? `ctrl-${name}` : name);
    const page = Math.max(1, listRows(view(), display) - 1);
    if (act) void act(list, page);
    else if (name === 'return') this._setValue(list.choice);
    // clack ends at Escape, whatever one does.
    else if (name === 'escape') this.wantsAll = true;
    else if (ctrl && name === 'd') this.state = 'cancel';
    else if (ctrl && name === 'l') display.redraw();
    else if (text === 'q' && list.search === '') this.state = 'cancel';
    else if (text !== undefined && !ctrl && !meta && /^\P{C}+$/u.test(text)) void list.type(text);
  }
}
