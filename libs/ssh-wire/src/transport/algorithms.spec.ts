import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ciphers, clientSignatureAlgorithms, hostKeyAlgorithms, kex, macs, makeOffer } from './algorithms.js';

const page = readFileSync(new URL('../../../../docs/algorithms.md', import.meta.url), 'utf8');

const lists = {
  'Key exchange': kex,
  'Ciphers, both directions': ciphers,
  'MACs, both directions': macs,
  'Host keys that a server may have': hostKeyAlgorithms,
  'Signatures that a user may log on with': clientSignatureAlgorithms,
};

describe('what is offered', () => {
  it.each(Object.entries(lists))('is what docs/algorithms.md says: %s', (title, names) => {
    const section = page.split('\n## ').find((text) => text.startsWith(`${title}\n`)) ?? '';
    expect(Array.from(section.matchAll(/^\d+\. `(.+)`$/gm), ([, name]) => name)).toEqual(names);
  });

  it('has nothing with SHA-1, MD5, CBC, RC4, DSA, compression or groups below 2048 bits', () => {
    const offer = makeOffer(hostKeyAlgorithms);
    const all = [
      ...offer.kex,
      ...offer.serverHostKey,
      ...offer.cs.cipher,
      ...offer.cs.mac,
      ...clientSignatureAlgorithms,
    ];
    for (const name of all) {
      expect(name).not.toMatch(/sha1|md5|cbc|arcfour|rc4|3des|dss|group1-|group-exchange|^ssh-rsa$|^hmac-sha1/);
    }
    expect(offer.cs.compress).toEqual(['none']);
    expect(offer.sc).toEqual(offer.cs);
  });

  it('prefers what is post-quantum', () => {
    expect(kex[0]).toBe('mlkem768x25519-sha256');
  });
});
