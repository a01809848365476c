import type { CertificateClaims } from '@sallyport/contracts';
import type { UserauthRequest } from '@sallyport/ssh-keys';
import { fingerprint, isCertificate, plainAlgorithm, verifySignature } from '@sallyport/ssh-keys';
import type { CertificateFlaw } from '../certificate/certificate-rules.js';
import type { CheckCertificate } from '../certificate/check-certificate.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { Claim, PublicKeyEvidence } from './evidence.js';
import { readSigned } from './evidence.js';

export type SignatureFlaw = 'malformed' | 'unknown-user' | 'unknown-key' | 'bad-signature' | CertificateFlaw;

export interface Signatory {
  user: StoredUser;
  /** Of the key that signed. */
  fingerprint: string;
  /** When that key is not one of the user's own, but certified. */
  certificate: CertificateClaims | undefined;
}

interface SigningKey {
  publicKeyBlob: Buffer;
  algorithm: string;
  certificate?: CertificateClaims;
  verificationRequired?: boolean;
}

/** Whether the key that signed is one of this user's, or certified for this user, and signed for this connection. Keys offered before count nothing. */
export class CheckSignature {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly checkCertificate: CheckCertificate,
  ) {}

  async run(claim: Claim, evidence: PublicKeyEvidence): Promise<Signatory | SignatureFlaw> {
    const request = readSigned(evidence, claim);
    if (!request) return 'malformed';
    const user = await this.users.byName(claim.username);
    if (!user) return 'unknown-user';
    const key = await this.#keyOf(request, user, claim.clientAddress);
    if (typeof key === 'string') return key;
    const { publicKeyBlob, algorithm, verificationRequired = false, certificate } = key;
    const holds = verifySignature({
      ...{ publicKeyBlob, algorithm, verificationRequired },
      data: Buffer.from(evidence.signed, 'base64'),
      signatureBlob: Buffer.from(evidence.signature, 'base64'),
    });
    return holds ? { user, fingerprint: fingerprint(publicKeyBlob), certificate } : 'bad-signature';
  }

  /** The key that is to have signed: one of the user's own, or one that is certified for the user. */
  async #keyOf(
    { publicKeyBlob, algorithm }: UserauthRequest,
    user: StoredUser,
    clientAddress: string,
  ): Promise<SigningKey | SignatureFlaw> {
    if (!isCertificate(publicKeyBlob)) {
      const known = await this.keys.byFingerprint(user.id, fingerprint(publicKeyBlob));
      return known ? { publicKeyBlob, algorithm } : 'unknown-key';
    }
    const certified = await this.checkCertificate.run(publicKeyBlob, user.username, clientAddress);
    if (typeof certified === 'string') return certified;
    const { claims: certificate, verificationRequired } = certified;
    const plain = plainAlgorithm(algorithm) ?? algorithm;
    return { publicKeyBlob: certified.publicKeyBlob, algorithm: plain, certificate, verificationRequired };
  }
}
