import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './settings.js';

const notOurs = new Set(['node_modules', 'dist']);

/** All files and folders of the workspace, from its root on; hidden ones and what is built or installed are left out. */
function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || notOurs.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [relative(root, path), ...below(path)] : [relative(root, path)];
  });
}

const paths = below(root);
const known = new Set(paths);
const pages = paths.filter((path) => path.endsWith('.md'));
const text = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A path in backticks that begins with a folder of the root, or the name of a source file or a page. */
const inOurTree = /^(?:(?:deploy|docs|e2e|libs|services|tools)\/[\w@./+-]+|[\w@./+-]+\.(?:[cm]?ts|mjs|md))$/;

/** From the root, from the page's folder, or the end of a path; a test may be named without its ending. */
function exists(named: string, page: string): boolean {
  const path = named.replace(/\/$/, '');
  if (known.has(path) || known.has(join(dirname(page), path))) return true;
  return paths.some((one) => one.endsWith(`/${path}`) || one.startsWith(`${path}.`));
}

it('pages name files that there are', () => {
  const missing = pages.flatMap((page) =>
    [...text(page).matchAll(/`([^`\n]+)`/g)].flatMap(([, name = '']) =>
      inOurTree.test(name) && !exists(name, page) ? [`${page}: ${name}`] : [],
    ),
  );
  expect(missing).toEqual([]);
});

it('pages link to pages that there are', () => {
  const missing = pages.flatMap((page) =>
    [...text(page).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].flatMap(([, target = '']) =>
      /^[a-z]+:/.test(target) || known.has(join(dirname(page), target).replace(/\/$/, ''))
        ? []
        : [`${page}: ${target}`],
    ),
  );
  expect(missing).toEqual([]);
});

it('a file that is not there is not found', () => {
  expect(pages.length).toBeGreaterThan(30);
  expect(exists('docs/nowhere.md', 'README.md')).toBe(false);
  expect(exists(basename(import.meta.filename), 'README.md')).toBe(true);
});
