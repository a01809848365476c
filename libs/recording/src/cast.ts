import type { Piece } from './utf8-pieces.js';

/**
 * asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): a line of JSON with the header, then a line for each event,
 * `[seconds since the start, code, data]`. Codes:
 *
 * - `o` output, `i` input, `r` a resize (`COLUMNSxROWS`), `m` a marker: as the format says
 * - `b`, our extension, which players pass over: the event before it has U+FFFD for what is not UTF-8, and this is base64 of
 *   its very bytes. GBK, or a binary file that somebody printed, can so be had again exactly.
 */
export interface CastHeader {
  readonly version: 2;
  /** Columns and rows at the start; 80 and 24 where the client said 0. */
  readonly width: number;
  readonly height: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly title?: string;
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it is a recording of. Players pass over what they do not know. */
  readonly sallyport?: { readonly sessionId: string; readonly channel: number };
}

export type CastCode = 'o' | 'i' | 'r' | 'm' | 'b';
export interface CastEvent {
  readonly seconds: number;
  readonly code: CastCode;
  readonly data: string;
}

export const headerLine = (header: CastHeader): string => `${JSON.stringify(header)}\n`;

/** @param ms since the start; the line has microseconds at most */
export function eventLine(ms: number, code: CastCode, data: string): string {
  return `[${(ms / 1_000).toFixed(6)},"${code}",${JSON.stringify(data)}]\n`;
}

/** The lines of what was shown or typed. */
export function pieceLines(ms: number, code: 'o' | 'i', { text, bytes }: Piece): string {
  const line = eventLine(ms, code, text);
  return bytes ? `${line}${eventLine(ms, 'b', bytes.toString('base64'))}` : line;
}

/** This is no asciicast v2. */
export class CastError extends Error {
  override readonly name = 'CastError';
}

const codes = new Set<unknown>(['o', 'i', 'r', 'm', 'b']);

/** @throws CastError */
export function readHeader(line: string): CastHeader {
  const value = parse(line);
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 2)
    throw new CastError('this does not begin with the header of an asciicast v2');
  return value as CastHeader;
}

/** @returns undefined for an event of a code that is not ours. @throws CastError */
export function readEvent(line: string): CastEvent | undefined {
  const value = parse(line);
  if (!Array.isArray(value) || value.length !== 3) throw new CastError('a line is no event');
  const [seconds, code, data] = value as unknown[];
  if (typeof seconds !== 'number' || typeof data !== 'string') throw new CastError('a line is no event');
  return codes.has(code) ? { seconds, code: code as CastCode, data } : undefined;
}

/**
 * The very bytes that were shown (`o`) or typed (`i`).
 * @throws CastError
 */
export function* bytesOf(lines: Iterable<string>, code: 'o' | 'i'): Generator<Buffer> {
  let last: CastEvent | undefined;
  for (const line of lines) {
    const event = readEvent(line);
    if (event?.code === 'b') {
      if (last?.code === code) yield Buffer.from(event.data, 'base64');
      last = undefined;
      continue;
    }
    if (last?.code === code) yield Buffer.from(last.data);
    last = event;
  }
  if (last?.code === code) yield Buffer.from(last.data);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CastError('a line is no JSON', { cause });
  }
}
