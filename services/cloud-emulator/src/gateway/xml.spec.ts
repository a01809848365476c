import { expect, it } from 'vitest';
import { xmlText } from './xml.js';

it('writes an element a member, repeats that of a list, and escapes text', () => {
  const body = {
    SecretData: `<a href="x">&'`,
    Count: 2,
    Tags: { Tag: [{ TagKey: 'a' }, { TagKey: 'b' }] },
    Empty: { Tag: [] },
  };
  expect(xmlText('R', body)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><R><SecretData>&lt;a href=&quot;x&quot;&gt;&amp;\'</SecretData>' +
      '<Count>2</Count><Tags><Tag><TagKey>a</TagKey></Tag><Tag><TagKey>b</TagKey></Tag></Tags><Empty></Empty></R>',
  );
});
