import type { CertificateClaims } from '@sallyport/contracts';
import type { Certificate } from '@sallyport/ssh-keys';
import { fingerprint, parseCertificate, SshFormatError } from '@sallyport/ssh-keys';
import type { Clock } from '../clock/clock.js';
import type { CertificateAuthorities } from './certificate-authorities.js';
import type { CertificateFlaw, CertificateTerms } from './certificate-rules.js';
import { termsOf, whyNotFor } from './certificate-rules.js';
import type { StoredRevocation } from './revocation.js';
import type { Revocations } from './revocations.js';

/** A certificate that is good for this user now; that its key signed is not said yet. */
export interface CertifiedKey extends CertificateTerms {
  /** Of the key that is certified, RFC 4253 section 6.6. */
  readonly publicKeyBlob: Buffer;
}

/** Whether an authority that is trusted says, here and now, that a key is good for a user. */
export class CheckCertificate {
  constructor(
    private readonly authorities: CertificateAuthorities,
    private readonly revocations: Revocations,
    private readonly clock: Clock,
  ) {}

  /** @param clientAddress undefined when it is not known yet, which only an offer of a key may be judged without */
  async run(
    blob: Buffer,
    username: string,
    clientAddress: string | undefined,
  ): Promise<CertifiedKey | CertificateFlaw> {
    const certificate = parsed(blob);
    if (!certificate) return 'malformed';
    const authority = fingerprint(certificate.authorityBlob);
    if (!(await this.authorities.trusts(authority))) return 'unknown-authority';
    if (!certificate.isSigned()) return 'bad-certificate';
    const flaw = whyNotFor(certificate, username, this.clock.now());
    if (flaw) return flaw;
    const terms = termsOf(certificate);
    if (typeof terms === 'string') return terms;
    if (clientAddress !== undefined && terms.sources && !terms.sources.includes(clientAddress)) return 'denied-source';
    const { serial, keyId } = terms.claims;
    if (await this.revocations.cover(authority, serial, keyId)) return 'certificate-revoked';
    return { ...terms, publicKeyBlob: certificate.publicKeyBlob };
  }

  /** Of many at once: whether nobody has taken back what they stand on. The time of a certificate may be over. */
  async kept(certificates: readonly CertificateClaims[]): Promise<(certificate: CertificateClaims) => boolean> {
    const revoked = new Map<string, StoredRevocation[]>();
    for (const authority of new Set(certificates.map((one) => one.authority)))
      if (await this.authorities.trusts(authority)) revoked.set(authority, await this.revocations.of(authority));
    return ({ authority, serial, keyId }) => {
      const list = revoked.get(authority);
      return list !== undefined && !list.some((one) => one.serial === serial || one.keyId === keyId);
    };
  }

  /** Whether one that was good at the logon, maybe hours ago, still is. */
  async standing(
    { authority, serial, keyId, validUntil }: CertificateClaims,
    now: Date,
  ): Promise<
    Extract<CertificateFlaw, 'certificate-expired' | 'certificate-revoked' | 'unknown-authority'> | undefined
  > {
    if (validUntil !== undefined && now >= new Date(validUntil)) return 'certificate-expired';
    if (!(await this.authorities.trusts(authority))) return 'unknown-authority';
    return (await this.revocations.cover(authority, serial, keyId)) ? 'certificate-revoked' : undefined;
  }
}

function parsed(blob: Buffer): Certificate | undefined {
  try {
    return parseCertificate(blob);
  } catch (error) {
    if (error instanceof SshFormatError) return undefined;
    throw error;
  }
}
