import { createReadStream } from 'node:fs';
import { Tampered } from '@sallyport/transparency';

const lineBreak = 0x0a;
/** An event has 512 KiB at most. */
const maxLineBytes = 1024 * 1024;

/**
 * The lines of a file, byte for byte: what is not UTF-8, or is cut, is no line.
 * @throws Tampered that names the line
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(lineBreak); end >= 0; end = rest.indexOf(lineBreak, from)) {
      number += 1;
      yield decode(rest.subarray(from, end), number);
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > maxLineBytes) throw new Tampered(`line ${number + 1} is longer than any that an export has`);
  }
  if (rest.length > 0) throw new Tampered(`the export is cut in its line ${number + 1}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, number: number): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Tampered(`line ${number} is no text`);
  }
}
