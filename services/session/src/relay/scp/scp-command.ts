/** A command that starts the far side of legacy scp. */
export interface ScpCommand {
  /** `-t`: the client sends files. `-f`: the client gets files. */
  readonly direction: 'upload' | 'download';
}

/** A word of the shell in which nothing is done but quoting and the expansion of `~`, `*`, `?` and `[…]`. */
const WORD = String.raw`(?:[A-Za-z0-9_@%+=:,./~*?\[\]\-\u0080-\u{10ffff}]|\\[^\n]|'[^']*'|"(?:[^"\\$\x60!]|\\["\\])*")+`;
const PLAIN = new RegExp(`^(?:/usr/bin/)?scp((?: +-[vrpdqtf]+)+)((?: +--)?(?: +${WORD})+) *$`, 'u');

/**
 * Whether a command is plainly legacy scp and nothing else: `scp [-v -r -p -d -q] -t|-f [--] PATH…`, as OpenSSH, PuTTY, libssh2
 * and others send it. Only then may a policy that permits scp, but no commands, let it pass, and only then are its files read
 * from the stream. Whatever could make a shell do more (`;`, `|`, `&`, `$`, backquotes, redirections, braces, line ends) makes
 * it an ordinary command.
 *
 * A heuristic; what it gets wrong (scp-command.spec.ts shows each):
 * - The account's shell may know an alias or a function `scp`, or another program of this name first on its PATH.
 * - A shell that is not like sh may quote by other rules; the stream is then still checked to be scp.
 * - Options that are not listed (`-l`, `-S`), another path of scp (`/usr/local/bin/scp`), and `$HOME` are taken for ordinary commands.
 */
export function readScpCommand(command: string): ScpCommand | undefined {
  const [, options] = PLAIN.exec(command) ?? [];
  if (options === undefined) return undefined;
  const roles = options.replace(/[^tf]/g, '');
  if (roles.length !== 1) return undefined;
  return { direction: roles === 't' ? 'upload' : 'download' };
}
