import { hashBytes, type Hash } from './merkle-tree.js';

/**
 * An export of the log, as lines (NDJSON); docs/wire/audit-log.md shows one. First a head; then for each block of the log
 * that it has events of, the hashes of all of the block's leaves with their proof, and those events. Blocks begin at
 * multiples of 256 leaves.
 */
export const exportFormat = 'sallyport-audit-export/1';
export const blockLeaves = 256;

export interface ExportHead {
  readonly format: typeof exportFormat;
  /** The signed checkpoint that everything is proven against. */
  readonly checkpoint: string;
  /** Sequences, from 1. */
  readonly first: number;
  readonly last: number;
  /** Whether events between the two were left out by a filter. */
  readonly selection: boolean;
}

/** Some neighbouring leaves, and what stands to their left and right in the tree of the checkpoint. */
export interface ExportBlock {
  /** Sequence of its first leaf. */
  readonly first: number;
  readonly leaves: readonly Hash[];
  readonly left: readonly Hash[];
  readonly right: readonly Hash[];
}

export const headLine = (head: ExportHead): string => JSON.stringify(head);

export function blockLine({ first, leaves, left, right }: ExportBlock): string {
  const text = (hashes: readonly Hash[]) => hashes.map((hash) => hash.toString('base64'));
  return JSON.stringify({ block: { first, leaves: text(leaves), left: text(left), right: text(right) } });
}

/** The event is the very text that was published: its bytes are what is hashed. */
export const eventLine = (sequence: number, body: string): string => `{"sequence":${sequence},"event":${body}}`;

export type ExportLine = { readonly head: ExportHead } | { readonly block: ExportBlock } | ExportedEvent;
export interface ExportedEvent {
  readonly sequence: number;
  readonly body: string;
}

/** Undefined when it is not, byte for byte, a line that the functions above write. */
export function readLine(line: string): ExportLine | undefined {
  const [, digits, body] = /^\{"sequence":([1-9]\d{0,15}),"event":(\{.*\})\}$/su.exec(line) ?? [];
  if (body !== undefined) return { sequence: Number(digits), body };
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const read = readHead(json) ?? readBlock(json);
  const written = read && ('head' in read ? headLine(read.head) : blockLine(read.block));
  return written === line ? read : undefined;
}

function readHead(json: unknown): { head: ExportHead } | undefined {
  if (typeof json !== 'object' || json === null || !('format' in json) || json.format !== exportFormat)
    return undefined;
  const { format, checkpoint, first, last, selection } = json as Record<keyof ExportHead, unknown>;
  if (typeof checkpoint !== 'string' || !isSequence(first) || !isSequence(last) || typeof selection !== 'boolean')
    return undefined;
  return { head: { format: format as typeof exportFormat, checkpoint, first, last, selection } };
}

function readBlock(json: unknown): { block: ExportBlock } | undefined {
  if (typeof json !== 'object' || json === null || !('block' in json)) return undefined;
  const { first, ...rest } = (json.block ?? {}) as Record<string, unknown>;
  const [leaves, left, right] = [rest['leaves'], rest['left'], rest['right']].map(readHashes);
  if (!isSequence(first) || !leaves || !left || !right) return undefined;
  return { block: { first, leaves, left, right } };
}

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

function readHashes(value: unknown): Hash[] | undefined {
  if (!Array.isArray(value) || value.length > blockLeaves) return undefined;
  const hashes = value.map((text) => (typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0)));
  return hashes.every((hash) => hash.length === hashBytes) ? hashes : undefined;
}
