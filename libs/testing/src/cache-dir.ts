import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs that we unpack stay from run to run: `$XDG_CACHE_HOME/sallyport`, else `~/.cache/sallyport`. */
export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sallyport');
}
