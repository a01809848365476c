import { describe, expect, it } from 'vitest';
import { describeFlags, directionOf, permissionFor, permissionsToOpen } from './file-rules.js';

const [READ, WRITE, APPEND, CREATE, TRUNCATE, EXCLUSIVE] = [1, 2, 4, 8, 16, 32] as const;

describe('D13: what an open does to a file', () => {
  it.each([
    [READ, 'download'],
    [0, 'download'],
    [WRITE, 'upload'],
    [WRITE | CREATE | TRUNCATE, 'upload'],
    [READ | WRITE, 'both'],
    // OpenSSH's server opens these for reading, and creates or empties the file all the same.
    [CREATE, 'both'],
    [TRUNCATE | READ, 'both'],
    [APPEND, 'both'],
    [EXCLUSIVE | READ, 'both'],
    [0x8000_0000 | READ, 'both'],
  ] as const)('flags %i: %s', (flags, direction) => {
    expect(directionOf(flags)).toBe(direction);
  });

  it('needs a permission for each direction', () => {
    expect(permissionsToOpen('both')).toEqual(['upload', 'download']);
    expect(permissionsToOpen('upload')).toEqual(['upload']);
  });

  it('is told in words', () => {
    expect(describeFlags(WRITE | CREATE | TRUNCATE)).toBe('write, create, truncate');
    expect(describeFlags(0)).toBe('none');
  });
});

it('D13: whatever writes needs the permission to upload, and a second name that to rename', () => {
  const operations = [
    'rename',
    'remove',
    'mkdir',
    'rmdir',
    'symlink',
    'hardlink',
    'set-attributes',
    'copy-data',
  ] as const;
  expect(operations.map(permissionFor)).toEqual([
    ...['rename', 'remove', 'mkdir', 'rmdir'],
    ...['upload', 'rename', 'upload', 'upload'],
  ]);
});
