import { expect, test } from 'vitest';
import { checkNode } from '../bootstrap.mjs';
import { addReport } from '../test-reports.mjs';

test('asks for Node 20.19 or newer', () => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '26.1.0'])
    expect(() => {
      checkNode(version);
    }).not.toThrow();
  for (const version of ['18.20.0', '20.18.9']) {
    expect(() => {
      checkNode(version);
    }).toThrow(`Sallyport needs Node.js 20.19 or newer, and this is ${version}.`);
  }
});

test('counts tests, names the skipped ones, and counts a file that cannot be loaded as a failure', () => {
  const sum = { passed: 0, failed: 0, skipped: 0, failedNames: [], skippedNames: [] };
  const file = (name: string, status: string, ...statuses: string[]) => ({
    name: new URL(`../${name}`, import.meta.url).pathname,
    status,
    assertionResults: statuses.map((each) => ({
      status: each,
      fullName: `is ${each}`,
      failureMessages: each === 'failed' ? ['expected 1 to be 2\n\n  at b.ts:1'] : [],
    })),
  });
  addReport(sum, {
    testResults: [
      file('a.spec.ts', 'passed', 'passed', 'passed', 'skipped', 'todo'),
      file('b.spec.ts', 'failed', 'failed', 'passed'),
      file('c.spec.ts', 'failed'),
      file('d.spec.ts', 'failed', 'skipped'),
    ],
  });
  expect(sum).toEqual({
    passed: 3,
    failed: 3,
    skipped: 3,
    failedNames: [
      'tools/b.spec.ts: is failed\n    expected 1 to be 2\n      at b.ts:1',
      'tools/c.spec.ts',
      'tools/d.spec.ts',
    ],
    skippedNames: ['tools/a.spec.ts: is skipped', 'tools/a.spec.ts: is todo', 'tools/d.spec.ts: is skipped'],
  });
});
