import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapFolder } from './reaper.js';

/**
 * A new empty folder that is removed when this process ends.
 * @param mode 0o700 unless told; 0o755 lets a server that runs as another user reach what lies in it
 */
export function tempDir(mode = 0o700): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-'));
  chmodSync(path, mode);
  reapFolder(path);
  return path;
}
