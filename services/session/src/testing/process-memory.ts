import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Bytes that are read at once; a page or so overlaps, so that nothing is missed where two pieces meet. */
const PIECE_BYTES = 16 * 1024 * 1024;
const OVERLAP_BYTES = 4_096;

/** A place in a process's memory in which something was found, as /proc/PID/maps names it, and some bytes around it. */
export interface Found {
  readonly mapping: string;
  readonly address: string;
  readonly needle: string;
}

/**
 * Looks for bytes in all of a process's memory that can be read, which is what a core dump holds: heap, stacks, and what was
 * freed and not overwritten yet. The process is stopped meanwhile.
 * @param needles what to look for, with a name for each
 */
export function findInMemory(pid: number, needles: ReadonlyMap<string, Buffer>): { found: Found[]; bytes: number } {
  process.kill(pid, 'SIGSTOP');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const found: Found[] = [];
  let bytes = 0;
  try {
    for (const { from, to, name } of readableMappings(pid)) {
      for (let at = from; at < to; at += PIECE_BYTES) {
        const piece = readAt(memory, at, Math.min(PIECE_BYTES + OVERLAP_BYTES, to - at));
        bytes += piece.length;
        for (const [needle, value] of needles) {
          const offset = piece.indexOf(value);
          if (offset >= 0) found.push({ mapping: name, address: (at + offset).toString(16), needle });
        }
      }
    }
  } finally {
    closeSync(memory);
    process.kill(pid, 'SIGCONT');
  }
  return { found, bytes };
}

/** Lines as `7f1c4000-7f1c5000 rw-p 00000000 00:00 0   [heap]`, proc(5). */
function readableMappings(pid: number): { from: number; to: number; name: string }[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, from, to, name = ''] = /^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+\s*(.*)$/.exec(line) ?? [];
    if (from === undefined || to === undefined || name.startsWith('[v')) return [];
    return { from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), name };
  });
}

/** What can be read there; a mapping may have holes. */
function readAt(memory: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  try {
    return buffer.subarray(0, readSync(memory, buffer, 0, length, at));
  } catch {
    return Buffer.alloc(0);
  }
}
