import { expect, it } from 'vitest';
import { identityLifetimeSeconds } from './identity-lifetime.js';

it('A1: an identity for choosing a target later lasts for hours, one that has its target for minutes', () => {
  expect(identityLifetimeSeconds('alice')).toBe(12 * 3_600);
  for (const named of ['alice@web-1', 'alice+web-1', 'alice@root@web-1', 'alice@'])
    expect(identityLifetimeSeconds(named)).toBe(120);
});
