import { stripVTControlCharacters } from 'node:util';
import type { Target } from '@sallyport/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { screen } from './screen.js';
import { columnsOf, cut, shown, wrap } from './shown.js';

const target = (host: string, account = 'root', status: Target['status'] = 'active'): Target => ({
  host,
  account,
  instanceId: 'i-1',
  address: '192.0.2.1',
  port: 22,
  status,
});
const list = (items: Target[], selected = 0) => ({ search: '', items, selected, more: false, loading: false });
const linesOf = (text: string): string[] => stripVTControlCharacters(text).split('\n');

describe('screen', () => {
  it('has the choice, where each is, and what keys do', () => {
    const items = [target('db-1'), target('web-1', 'deploy'), { ...target('web-2', 'ops', 'missing'), port: 2222 }];
    const text = screen(
      { username: 'alice', list: { ...list(items, 1), search: 'w' }, notice: undefined },
      { columns: 70, rows: 10 },
    );
    expect(linesOf(text)).toEqual([
      'Sallyport: where to, alice?',
      'Search: w ',
      '',
      '  root@db-1     192.0.2.1  i-1',
      `> deploy@web-1  192.0.2.1  i-1${' '.repeat(40)}`,
      '  ops@web-2     192.0.2.1:2222  i-1  (no longer in the cloud)',
      '',
      '2/3  Enter: log on  Up/Down: choose  type: search  Esc: all  Ctrl-C: …',
    ]);
  });

  it('D14: is never wider or longer than the terminal, always has the choice, and nothing that a terminal acts upon', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const size = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) });
    const view = fc.record({
      username: fc.constant('alice'),
      search: text,
      names: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }),
      notice: fc.option(text, { nil: undefined }),
      share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(view, size, ({ username, search, names, notice, share }, { columns, rows }) => {
        const items = names.map(([host, account]) => target(host, account));
        const selected = Math.floor(share * items.length);
        const drawn = screen({ username, list: { ...list(items, selected), search }, notice }, { columns, rows });
        const lines = linesOf(drawn);
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        expect(
          [0, 1, 2, 7].reduce((text, code) => text.replaceAll(`\x1b[${code}m`, ''), drawn).replaceAll('\n', ''),
        ).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        if (columns >= 8) expect(lines.filter((line) => line.startsWith('> ')).length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });

  it('says what an empty list means', () => {
    const said = (more: object) =>
      linesOf(
        screen({ username: 'a', list: { ...list([]), ...more }, notice: undefined }, { columns: 80, rows: 24 }),
      ).join(' ');
    expect(said({ loading: true })).toContain('looking…');
    expect(said({})).toContain('no target that you may log on to');
    expect(said({ search: 'x' })).toContain('Nothing of yours fits');
  });
});

describe('text of others', () => {
  it('keeps letters of all scripts, and nothing else that has an effect', () => {
    expect(shown('宽äb\x1b[2J\u202e\ud800\r\n\u2028')).toBe('宽äb\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd');
  });

  it('is cut and wrapped by columns, not by characters', () => {
    expect(cut('宽宽宽', 5)).toBe('宽宽…');
    expect(cut('abc', 3)).toBe('abc');
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij k', 4)).toEqual(['abc…', 'k']);
  });
});
