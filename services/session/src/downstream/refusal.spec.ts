import { DomainError } from '@sallyport/errors';
import { describe, expect, it } from 'vitest';
import { refusalLine } from './refusal.js';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('refusalLine', () => {
  it('A10: is one line with the reason, the code and the id', () => {
    expect(refusalLine(new DomainError('kms.throttled', 'KMS is busy, try again'), id)).toBe(
      `sallyport: KMS is busy, try again [kms.throttled, id ${id}]`,
    );
  });

  it('lets nobody write a second line, or to the terminal', () => {
    const line = refusalLine(new DomainError('request.invalid', `a\r\nroot@web:~# \x1b[2Jb${'x'.repeat(1_000)}`), id);
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line.length).toBeLessThan(500);
  });

  it('shows nothing of an error that nobody foresaw', () => {
    expect(refusalLine(new Error('postgres://user:hunter2@db'), id)).toBe(
      `sallyport: something went wrong in the bastion [internal, id ${id}]`,
    );
  });
});
