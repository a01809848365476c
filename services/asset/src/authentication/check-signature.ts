import { fingerprint, verifySignature } from '@sallyport/ssh-keys';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { Claim, PublicKeyEvidence } from './evidence.js';
import { readSigned } from './evidence.js';

export type SignatureFlaw = 'malformed' | 'unknown-user' | 'unknown-key' | 'bad-signature';

export interface Signatory {
  user: StoredUser;
  /** Of the key that signed. */
  fingerprint: string;
}

/** Whether the key that signed is one of this user's, and signed for this connection. Keys offered before count nothing. */
export class CheckSignature {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
  ) {}

  async run(claim: Claim, evidence: PublicKeyEvidence): Promise<Signatory | SignatureFlaw> {
    const request = readSigned(evidence, claim);
    if (!request) return 'malformed';
    const user = await this.users.byName(claim.username);
    if (!user) return 'unknown-user';
    const signed = fingerprint(request.publicKeyBlob);
    if (!(await this.keys.byFingerprint(user.id, signed))) return 'unknown-key';
    const holds = verifySignature({
      publicKeyBlob: request.publicKeyBlob,
      algorithm: request.algorithm,
      data: Buffer.from(evidence.signed, 'base64'),
      signatureBlob: Buffer.from(evidence.signature, 'base64'),
    });
    return holds ? { user, fingerprint: signed } : 'bad-signature';
  }
}
