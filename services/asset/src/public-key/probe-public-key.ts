import { fingerprint, isCertificate } from '@sallyport/ssh-keys';
import type { CheckCertificate } from '../certificate/check-certificate.js';
import type { Users } from '../user/users.js';
import type { PublicKeys } from './public-keys.js';

/**
 * Whether a signature by a key would be worth having: also of a user who is locked or kept out by a rule, since only who has
 * signed is on record and can be told. Proves nothing and leaves no trace.
 */
export class ProbePublicKey {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly checkCertificate: CheckCertificate,
  ) {}

  /** @param publicKey the key blob, RFC 4253 section 6.6, or a certificate */
  async run(username: string, publicKey: Buffer): Promise<boolean> {
    const user = await this.users.byName(username);
    if (!user) return false;
    if (isCertificate(publicKey))
      return typeof (await this.checkCertificate.run(publicKey, username, undefined)) !== 'string';
    return (await this.keys.byFingerprint(user.id, fingerprint(publicKey))) !== undefined;
  }
}
