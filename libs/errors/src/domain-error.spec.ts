import { describe, expect, it } from 'vitest';
import { DomainError, fromWire, toWire } from './domain-error.js';

describe('DomainError', () => {
  it('survives the way over the wire', () => {
    const error = fromWire(
      JSON.parse(JSON.stringify(toWire(new DomainError('kms.throttled', 'busy', { retryable: true })))),
    );
    expect(error).toMatchObject({ code: 'kms.throttled', message: 'busy', retryable: true });
  });

  it('carries the code and the request id of Alibaba Cloud, and nothing that is of another shape', () => {
    const cloud = { code: 'Rejected.Throttling', requestId: 'r-1' };
    const refused = new DomainError('kms.throttled', 'busy', { cloud });
    expect(fromWire(JSON.parse(JSON.stringify(toWire(refused)))).cloud).toEqual(cloud);
    for (const other of [undefined, null, 'text', {}, { code: 1 }])
      expect(fromWire({ ...toWire(refused), cloud: other }).cloud).toBeUndefined();
  });

  it('says nothing of an error that nobody foresaw', () => {
    expect(toWire(new Error('password=hunter2 at db.internal'))).toEqual({
      code: 'internal',
      message: 'internal error',
      retryable: false,
    });
  });

  it.each([null, 'text', {}, { code: 'no.such-code', message: 'x' }, { code: 'internal', message: 1 }])(
    'reads %j from the wire as internal',
    (value) => {
      expect(fromWire(value).code).toBe('internal');
    },
  );
});
