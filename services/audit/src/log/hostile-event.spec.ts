import { DomainError } from '@sallyport/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeCursor } from '../paging/cursor.js';
import { readEvent } from './audit-event.js';

it('H7: says of any message that it is an event, or why not', () => {
  const proper = {
    specversion: '1.0',
    id: 'a',
    type: 'io.sallyport.session.closed.v1',
    source: '/sallyport/session',
    subject: 'x',
    time: '2026-11-27T00:00:00Z',
    data: {},
  };
  const json = fc.oneof(
    fc.json(),
    fc
      .tuple(fc.constantFrom(...Object.keys(proper)), fc.jsonValue())
      .map(([name, value]) => JSON.stringify({ ...proper, [name]: value })),
    fc.nat(5_000).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  );
  const data = fc.oneof(
    json.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(data, fc.constantFrom('audit.session.closed', 'audit.x', ''), (bytes, subject) => {
      const read = readEvent({ data: bytes, subject });
      expect('reason' in read || 'leafHash' in read).toBe(true);
    }),
  );
});

it('H7: takes no cursor but its own', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (cursor) => {
      try {
        expect(decodeCursor('session', cursor)).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
      }
    }),
  );
});
