import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@sallyport/testing';
import { expect, test } from 'vitest';
import { takeLock } from './start-lock.js';
import { StateFolder } from './state-folder.js';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('makes a secret once and keeps it for us alone', () => {
  const path = join(tempDir(), 'state');
  expect(new StateFolder(path).secret('postgres', () => 'first')).toBe('first');
  const again = new StateFolder(path);
  expect(again.secret('postgres', () => 'second')).toBe('first');
  expect(mode(again.secretFile('postgres'))).toBe('600');
  expect(mode(join(path, 'secrets'))).toBe('700');
  writeFileSync(join(path, 'local.json'), 'old', { mode: 0o644 });
  expect(mode(again.write('local.json', '{}'))).toBe('600');
});

test('puts the log of an earlier start aside', () => {
  const state = new StateFolder(tempDir());
  const log = state.log('asset');
  writeFileSync(log, 'earlier');
  expect(state.log('asset')).toBe(log);
  expect(readFileSync(`${log}.1`, 'utf8')).toBe('earlier');
});

test('lets one process at a time work in a folder, and forgets one that is gone', () => {
  const folder = tempDir();
  const release = takeLock(folder);
  expect(() => takeLock(folder)).toThrow(`Sallyport runs already in ${folder}, as process ${process.pid}.`);
  release();
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startedAt: 'another time' }));
  takeLock(folder)();
  writeFileSync(join(folder, 'lock'), '{"pid":');
  takeLock(folder)();
});
