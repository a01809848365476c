import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * What outlives us on purpose, for a moment: it reads what we started from its standard input, and when that ends, which
 * it does however we die, kills the process groups and removes the folders that are still on its list.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
folders=
while IFS= read -r line; do
  what=\${line#* }
  case $line in
    'group '*) groups="$groups$what " ;;
    'gone '*) groups="\${groups%% $what *} \${groups#* $what }" ;;
    'folder '*) folders="$folders$what
" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
printf '%s' "$folders" | while IFS= read -r folder; do rm -rf -- "$folder"; done
`;

let input: Writable | undefined;

function tell(line: string): void {
  if (!input) {
    const reaper = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    reaper.unref();
    // A pipe is a socket in Node, and only as such can it be kept from holding the event loop.
    (reaper.stdin as Writable & { unref?: () => void }).unref?.();
    reaper.stdin.on('error', () => undefined);
    input = reaper.stdin;
  }
  input.write(`${line}\n`);
}

/** The process group `pid` is killed when this process ends, even by SIGKILL. */
export function reapGroup(pid: number): void {
  tell(`group ${pid}`);
}

/** The process group `pid` has ended; its number may be used by others from now on. */
export function forgetGroup(pid: number): void {
  tell(`gone ${pid}`);
}

/** The folder is removed when this process ends, even by SIGKILL. */
export function reapFolder(path: string): void {
  tell(`folder ${path}`);
}
