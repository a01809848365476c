import type { Target } from '@sallyport/contracts';
import { characters, columnsOf, cut, fit, shown, wrap } from './shown.js';
import type { TargetList } from './target-list.js';

/** What a terminal has room for. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Shown {
  readonly username: string;
  readonly list: Pick<TargetList, 'search' | 'items' | 'selected' | 'more' | 'loading'>;
  /** The last thing that went wrong, or what there is to know. */
  readonly notice: string | undefined;
}

const HELP = 'Enter: log on  Up/Down: choose  type: search  Esc: all';
const MOST_NOTICE_ROWS = 5;
const style = (code: number, text: string): string => `\x1b[${code}m${text}\x1b[0m`;
const bold = (text: string): string => style(1, text);
const dim = (text: string): string => style(2, text);
const inverse = (text: string): string => style(7, text);

/** Rows of the list on a screen of this size. */
export function listRows({ username, list, notice }: Shown, size: ScreenSize): number {
  return plan({ username, list, notice }, size).list;
}

/**
 * The menu as lines for a terminal of this size, never wider or longer than it. What there is no room for is left out, the
 * choice last.
 */
export function screen(view: Shown, size: ScreenSize): string {
  const { list, notice, username } = view;
  const rows = plan(view, size);
  const { columns } = size;
  const lines: string[] = [];
  if (rows.title > 0) lines.push(bold(cut(`Sallyport: where to, ${shown(username)}?`, columns)));
  if (rows.search > 0) lines.push(searchLine(list.search, columns));
  if (rows.gaps > 0) lines.push('');
  lines.push(...listLines(list, columns, rows.list));
  if (rows.gaps > 0) lines.push('');
  if (notice !== undefined) lines.push(...noticeLines(notice, columns).slice(0, rows.notice).map(bold));
  if (rows.help > 0)
    lines.push(dim(cut(`${position(list)}${HELP}  ${list.search === '' ? 'q' : 'Ctrl-C'}: leave`, columns)));
  return lines.join('\n');
}

interface Rows {
  title: number;
  search: number;
  /** Of each of two. */
  gaps: number;
  list: number;
  notice: number;
  help: number;
}

/** Who gets room, in this order: the choice, the search, the notice, a few more targets, then the rest. */
function plan({ notice }: Shown, { columns, rows }: ScreenSize): Rows {
  const noticeRows = notice === undefined ? 0 : Math.min(noticeLines(notice, columns).length, MOST_NOTICE_ROWS);
  const planned: Rows = { title: 0, search: 0, gaps: 0, list: Math.min(1, rows), notice: 0, help: 0 };
  let left = rows - planned.list;
  const give = (part: keyof Rows, wanted: number, cost = wanted): void => {
    if (left < cost) return;
    planned[part] += wanted;
    left -= cost;
  };
  give('search', 1);
  if (noticeRows > 0) give('notice', Math.min(noticeRows, Math.max(left, 0)));
  give('list', Math.min(4, left));
  give('help', 1);
  give('title', 1);
  give('list', Math.max(0, left - 2));
  give('gaps', 1, 2);
  give('list', left);
  return planned;
}

function searchLine(search: string, columns: number): string {
  const label = columns > 20 ? 'Search: ' : '';
  const room = Math.max(0, columns - label.length - 1);
  // What was typed last is what matters.
  let tail = '';
  for (const character of characters(shown(search)).reverse()) {
    if (columnsOf(character + tail) > room) break;
    tail = character + tail;
  }
  return `${label}${tail}${inverse(' ')}`;
}

function listLines({ items, selected, loading, search }: Shown['list'], columns: number, rows: number): string[] {
  if (items.length === 0) {
    const nothing = loading
      ? 'looking…'
      : search === ''
        ? 'There is no target that you may log on to. Ask whoever runs this bastion for an authorization.'
        : 'Nothing of yours fits that. Backspace or Esc to search anew.';
    return wrap(nothing, columns).slice(0, rows);
  }
  // The choice in the middle, as far as the list goes.
  const top = Math.max(0, Math.min(selected - Math.floor(rows / 2), items.length - rows));
  const visible = items.slice(top, top + rows);
  const width = Math.max(...visible.map((target) => columnsOf(nameOf(target))));
  return visible.map((target, i) => {
    const text = fit(lineOf(target, Math.min(width, columns)), columns - 2);
    if (columns < 8) return cut(nameOf(target), columns);
    return top + i === selected ? inverse(`> ${text}`) : `  ${text.trimEnd()}`;
  });
}

const nameOf = ({ account, host }: Target): string => `${shown(account)}@${shown(host)}`;

function lineOf(target: Target, nameColumns: number): string {
  const { address, port, instanceId, status } = target;
  const where = `${shown(address)}${port === 22 ? '' : `:${port}`}`;
  const missing = status === 'missing' ? '  (no longer in the cloud)' : '';
  return `${fit(nameOf(target), nameColumns)}  ${where}  ${shown(instanceId)}${missing}`;
}

const noticeLines = (notice: string, columns: number): string[] => wrap(shown(notice), columns);

function position({ items, selected, more }: Shown['list']): string {
  return items.length === 0 ? '' : `${selected + 1}/${items.length}${more ? '+' : ''}  `;
}
