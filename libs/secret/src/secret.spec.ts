import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret, wipe } from './secret.js';

describe('Secret', () => {
  const secret = Secret.of('hunter2');

  it('gives its value to expose() alone', () => {
    expect(secret.expose()).toBe('hunter2');
    const everyWay = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: null, showHidden: true }),
      Object.values(secret).join(),
      inspect(new Map([[secret, secret]])),
    ];
    for (const text of everyWay) expect(text).not.toContain('hunter2');
  });
});

describe('wipe', () => {
  it('overwrites what it is given and ignores what is absent', () => {
    const bytes = Buffer.from('hunter2');
    wipe(bytes, undefined);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});
