import { randomUUID } from 'node:crypto';
import { CertificateRevocationId } from '@sallyport/contracts';
import { newKey } from '@sallyport/ssh-keys/testing';
import { describe, expect, it } from 'vitest';
import type { CertificateAuthorities } from './certificate-authorities.js';
import { newAuthority } from './certificate-authority.js';
import type { StoredAuthority } from './certificate-authority.js';
import type { StoredRevocation } from './revocation.js';
import type { Revocations } from './revocations.js';

const now = new Date('2026-01-02T03:04:05.000Z');

/** What every implementation of the port must do. `create` gives an empty one. */
export function certificateAuthoritiesSuite(name: string, create: () => Promise<CertificateAuthorities>): void {
  const authority = (after: number): StoredAuthority => {
    const line = `ssh-ed25519 ${newKey().publicKeyBlob.toString('base64')}`;
    return newAuthority('staff', line, new Date(now.getTime() + after));
  };

  describe(name, () => {
    it('has an authority once, by its key, until it is removed', async () => {
      const authorities = await create();
      const [first, second] = [authority(0), authority(1)];
      for (const each of [first, second]) await authorities.add(each);
      expect(await authorities.all()).toEqual([first, second]);
      await expect(authorities.add({ ...authority(2), fingerprint: first.fingerprint })).rejects.toMatchObject({
        code: 'certificate-authority.exists',
      });
      expect(await authorities.byId(first.id)).toEqual(first);
      expect(await authorities.trusts(first.fingerprint)).toBe(true);
      expect(await authorities.remove(first.id)).toEqual(first);
      expect(await authorities.remove(first.id)).toBeUndefined();
      expect(await authorities.byId(first.id)).toBeUndefined();
      expect(await authorities.trusts(first.fingerprint)).toBe(false);
      expect(await authorities.all()).toEqual([second]);
    });
  });
}

/** What every implementation of the port must do. `create` gives an empty one. */
export function revocationsSuite(name: string, create: () => Promise<Revocations>): void {
  const revocation = (authority: string, of: Partial<StoredRevocation>): StoredRevocation => {
    const id = CertificateRevocationId.parse(randomUUID());
    return { id, authority, serial: undefined, keyId: undefined, revokedAt: now, ...of };
  };

  describe(name, () => {
    it('covers what it names of its own authority, however often it was said, until it is taken back', async () => {
      const revocations = await create();
      const bySerial = await revocations.add(revocation('a', { serial: '18446744073709551615' }));
      const byKeyId = await revocations.add(revocation('a', { keyId: 'alice' }));
      expect(await revocations.add(revocation('a', { keyId: 'alice' }))).toEqual(byKeyId);
      expect(await revocations.of('a')).toHaveLength(2);
      expect(await revocations.cover('a', '18446744073709551615', 'other')).toBe(true);
      expect(await revocations.cover('a', '1', 'alice')).toBe(true);
      expect(await revocations.cover('a', '1', 'other')).toBe(false);
      expect(await revocations.cover('b', '18446744073709551615', 'alice')).toBe(false);
      expect(await revocations.remove('b', bySerial.id)).toBeUndefined();
      expect(await revocations.remove('a', bySerial.id)).toEqual(bySerial);
      expect(await revocations.cover('a', '18446744073709551615', 'other')).toBe(false);
    });
  });
}
