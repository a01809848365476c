import terminalWidth from 'fast-string-truncated-width';

/** Control and format characters, direction marks among them, and what is no character at all; line and paragraph separators. */
const unshowable = /[\p{C}\p{Zl}\p{Zp}]/gu;
const CUT = '…';

/** Text of somebody else's as it may reach a terminal: one line, and nothing that a terminal acts upon. */
export function shown(text: string): string {
  return text.replace(unshowable, '\u{FFFD}');
}

const segmenter = new Intl.Segmenter();
const plain = /^[\x20-\x7e]*$/;

/** What people take for single characters. */
export function characters(text: string): string[] {
  return plain.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that a terminal needs for the text. */
export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length;
  return characters(text).reduce((sum, character) => sum + terminalWidth(character).width, 0);
}

/** Cut to so many columns, the last of them to tell that it was cut. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let start = '';
  let left = columns - CUT.length;
  for (const character of characters(text)) {
    left -= columnsOf(character);
    if (left < 0) break;
    start += character;
  }
  return columns > 0 ? `${start}${CUT}` : '';
}

/** Cut or filled with spaces to exactly so many columns. */
export function fit(text: string, columns: number): string {
  const short = cut(text, columns);
  return `${short}${' '.repeat(Math.max(0, columns - columnsOf(short)))}`;
}

/** Broken between words into lines of at most so many columns. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && columnsOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => cut(each, columns));
}
