import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DomainError, fromWire } from './index.js';

it('H7: makes an error of ours of whatever another process sent', () => {
  const like = fc.record({
    code: fc.anything(),
    message: fc.anything(),
    retryable: fc.anything(),
    cloud: fc.anything(),
  });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), like), (value) => {
      expect(fromWire(value)).toBeInstanceOf(DomainError);
    }),
  );
});
