import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The folder of one installation on this machine (`.sallyport`): everything that a second start takes up. The folder
 * itself may be entered by others, since PostgreSQL's account has to; what is private in it says so by its own mode.
 */
export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
    mkdirSync(this.path, { recursive: true, mode: 0o755 });
  }

  /** A folder in it that only we may enter. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** The path of a log; what an earlier start left is put aside as `NAME.log.1`. */
  log(name: string): string {
    const path = join(this.folder('logs'), `${name}.log`);
    if (existsSync(path)) renameSync(path, `${path}.1`);
    return path;
  }

  /** Where the secret of this name lies, whether or not it is there. */
  secretFile(name: string): string {
    return join(this.folder('secrets'), name);
  }

  /** The secret of this name; the first start makes it. */
  secret(name: string, make: () => string): string {
    const path = this.secretFile(name);
    if (!existsSync(path)) writePrivate(path, make());
    return readFileSync(path, 'utf8');
  }

  /** Writes a file that only we may read, whole or not at all. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    writePrivate(path, text);
    return path;
  }
}

function writePrivate(path: string, text: string): void {
  const unfinished = `${path}.new`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  chmodSync(unfinished, 0o600); // the mode above counts for new files only
  renameSync(unfinished, path);
}
