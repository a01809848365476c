import { SshFormatError, SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshError } from '../ssh-error.js';
import { formatPrompts, readAnswers } from './prompts.js';

describe('formatPrompts', () => {
  it('A7: is an INFO_REQUEST of RFC 4256 section 3.2', () => {
    // byte 60, "", "", "", int 1, "Code: ", FALSE
    const expected = `3c${'00000000'.repeat(3)}00000001` + '00000006436f64653a2000';
    expect(formatPrompts([{ text: 'Code: ', echo: false }]).toString('hex')).toBe(expected);
  });
});

describe('readAnswers', () => {
  const response = (...answers: string[]): Buffer => {
    const writer = new SshWriter().byte(61).uint32(answers.length);
    for (const answer of answers) writer.string(answer);
    return writer.bytes();
  };

  it('A7: reads what was typed, byte for byte', () => {
    expect(readAnswers(response('p\u00e4\0', ''), 2)).toEqual([Buffer.from('70c3a400', 'hex'), Buffer.alloc(0)]);
    expect(readAnswers(response(), 0)).toEqual([]);
  });

  it('refuses another number of answers, long ones, and what follows them', () => {
    expect(() => readAnswers(response('a'), 2)).toThrow('not as many answers');
    expect(() => readAnswers(new SshWriter().byte(61).uint32(0xff_ff_ff_ff).bytes(), 1)).toThrow('not as many answers');
    expect(() => readAnswers(response('x'.repeat(1_025)), 1)).toThrow(SshFormatError);
    expect(() => readAnswers(Buffer.concat([response('a'), Buffer.of(0)]), 1)).toThrow(SshFormatError);
  });

  it('H7: survives any bytes, with its own errors only', () => {
    const truth = response('secret', '123456');
    const mutated = fc.tuple(fc.nat(truth.length - 1), fc.nat(255), fc.nat(truth.length)).map(([at, value, length]) => {
      const copy = Buffer.from(truth);
      copy[at] = value;
      return copy.subarray(0, length);
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each)),
      mutated,
    );
    fc.assert(
      fc.property(bytes, fc.nat(3), (payload, asked) => {
        try {
          expect(readAnswers(payload, asked)).toHaveLength(asked);
        } catch (error) {
          expect(error instanceof SshError || error instanceof SshFormatError).toBe(true);
        }
      }),
    );
  });
});
