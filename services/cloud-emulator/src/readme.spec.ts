import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** From its heading to the next. */
const [, section = ''] = /\n## What it has to do[^\n]*\n([^]*?)\n## /.exec(readme) ?? [];
/** The rows of its table: the point, and the tests of each file that show it. */
const rows = section
  .split('\n')
  .filter((line) => /^\| +\S/.test(line) && !/^\| +(-|point)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, point = '', , shownBy = '']) => ({
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
