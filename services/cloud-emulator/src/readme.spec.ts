import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Situation } from './gateway/situation.js';
import { Rules } from './rules.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The cells of the table under a heading, without its first two lines. */
function tableOf(heading: string): string[][] {
  const [, section = ''] = readme.split(`\n## ${heading}`);
  const lines =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('|')) ?? [];
  return lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim()));
}

/** The point, and the tests of each file that show it. */
const rows = tableOf('What it has to do').map(([, point = '', , shownBy = '']) => ({
  point,
  files: shownBy.split('<br>').map((text) => ({
    file: /^`([^`]+)`: /.exec(text)?.[1] ?? `no file in ${text}`,
    titles: [...text.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  })),
}));

it('the README maps every point of section 9 of the reference to tests', () => {
  const points = rows.map(({ point }) => point);
  expect(points).toEqual(expect.arrayContaining(Array.from({ length: 11 }, (_, at) => String(at + 1))));
});

it.each(rows)('the tests that the README names for point $point exist', ({ files }) => {
  for (const { file, titles } of files) {
    const url = new URL(file, import.meta.url);
    expect(existsSync(url), file).toBe(true);
    expect(titles, file).not.toEqual([]);
    const text = readFileSync(url, 'utf8');
    for (const title of titles) expect(text, `${file}: ${title}`).toContain(`('${title}'`);
  }
});

const unverified = tableOf('Unverified').map(([, what = '', , rule = '']) => ({
  what,
  names: [...rule.matchAll(/`(\w[\w-]*)`/g)].map(([, name = '']) => name),
}));
const switches = [...Object.keys(Rules.shape), ...Situation.options];

it.each(unverified)('what is unverified has a rule that switches it: $what', ({ names }) => {
  expect(names.some((name) => name !== 'refusals' && switches.includes(name))).toBe(true);
});

it('every rule, and every situation of refusals, is of something that the README calls unverified', () => {
  const named = new Set(unverified.flatMap(({ names }) => names));
  expect(switches.filter((name) => !named.has(name))).toEqual([]);
});
