import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');
const children = (folder: string): string[] =>
  readdirSync(join(repository, folder)).map((name) => join(repository, folder, name, 'src'));
const packages = [...children('services'), ...children('libs'), join(repository, 'e2e/src'), import.meta.dirname];

/** A source file and the files of its package that it imports, types too. */
type Imports = ReadonlyMap<string, readonly string[]>;

function importsOf(source: string): Imports {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(
    files.map((name) => {
      const file = join(source, name);
      const found = readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']+)\.js'/g);
      return [file, [...found].map(([, path = '']) => resolve(dirname(file), `${path}.ts`))];
    }),
  );
}

/** The shortest way from a file back to itself. */
function circleOf(start: string, imports: Imports): string[] | undefined {
  const reached = new Set<string>();
  let ways: string[][] = [[start]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => (imports.get(way.at(-1) ?? '') ?? []).map((next) => [...way, next]));
    const circle = longer.find((way) => way.at(-1) === start);
    if (circle) return circle;
    ways = longer.filter((way) => !reached.has(way.at(-1) ?? ''));
    for (const way of ways) reached.add(way.at(-1) ?? '');
  }
  return undefined;
}

it('knows a circle when it sees one', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', []],
  ]);
  expect(circleOf('a', imports)).toEqual(['a', 'b', 'c', 'a']);
  expect(circleOf('d', imports)).toBeUndefined();
});

it.each(packages.map((source) => [relative(repository, source), source]))(
  'no file of %s imports itself',
  (_, source) => {
    const imports = importsOf(source);
    expect(imports.size).toBeGreaterThan(0);
    const circles = [...imports.keys()].flatMap(
      (file) => circleOf(file, imports)?.map((one) => relative(source, one)) ?? [],
    );
    expect(circles).toEqual([]);
  },
);
