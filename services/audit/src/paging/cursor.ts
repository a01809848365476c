import { DomainError } from '@sallyport/errors';

/** Which list a cursor belongs to: one of another list is refused rather than misread. */
export type CursorKind = 'event-asc' | 'event-desc' | 'session' | 'command' | 'dead-letter';

/** Where a page ended: the sequence of its last item. Opaque to clients. */
export function encodeCursor(kind: CursorKind, sequence: number): string {
  return Buffer.from(`${kind}:${sequence}`).toString('base64url');
}

/** @throws DomainError `request.invalid` when it is not a cursor of this list */
export function decodeCursor(kind: CursorKind, cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const [, found, digits] = /^([a-z-]+):([1-9]\d{0,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const sequence = Number(digits);
  if (found !== kind || !Number.isSafeInteger(sequence))
    throw new DomainError('request.invalid', 'cursor: not a cursor of this list');
  return sequence;
}
