import type { FileOpening, FilePermission } from '../file-acts.js';
import type { Change } from './sftp-request.js';

const READ = 0x1;
const WRITE = 0x2;
const names = ['read', 'write', 'append', 'create', 'truncate', 'exclusive'] as const;

/**
 * What an open may do to a file (draft-ietf-secsh-filexfer-02 section 6.3), as OpenSSH's server takes its flags: whatever does not
 * say "write" is open for reading, even without "read"; and append, create, truncate and flags that nobody knows write, even
 * without "write".
 */
export function directionOf(flags: number): FileOpening['direction'] {
  const writes = (flags & ~READ) !== 0;
  const reads = (flags & READ) !== 0 || (flags & WRITE) === 0;
  if (writes) return reads ? 'both' : 'upload';
  return 'download';
}

export function permissionsToOpen(direction: FileOpening['direction']): readonly FilePermission[] {
  return direction === 'both' ? ['upload', 'download'] : [direction];
}

/** Flags for people: `write, create, truncate`. */
export function describeFlags(flags: number): string {
  return names.filter((_, bit) => flags & (1 << bit)).join(', ') || 'none';
}

/** The switch that a change needs. */
export function permissionFor(operation: Change['operation']): FilePermission {
  switch (operation) {
    // A second name, without the removal of the first: what is left of a rename.
    case 'hardlink':
      return 'rename';
    // Content or properties that the user decides: a link is a small file, a size of 0 empties one.
    case 'symlink':
    case 'set-attributes':
    case 'copy-data':
      return 'upload';
    default:
      return operation;
  }
}
