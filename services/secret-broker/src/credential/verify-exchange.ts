import { DomainError } from '@sallyport/errors';
import { SshFormatError, SshReader, verifySignature } from '@sallyport/ssh-keys';

/** Bytes of SHA-256, SHA-384 and SHA-512: the hashes of all key exchanges that we take part in. */
const HASH_BYTES: readonly number[] = [32, 48, 64];

/**
 * Demands that the owner of the host key has signed this exchange hash (RFC 4253 section 8). The hash is the session identifier
 * of one connection (section 7.2), so that what is released or signed for it is of use on no connection but one that this
 * host took part in: the word of the session process is not needed for it.
 *
 * It does not show that the exchange was just now; who keeps an old one gains nothing, since its connection is gone.
 * Other things that a host key signs (`hostkeys-prove-00@openssh.com`) are longer than a hash.
 * @throws DomainError `host-key.unverified`
 */
export function verifyExchange(hostKey: Buffer, exchangeHash: Buffer, signature: Buffer): void {
  const isHash = HASH_BYTES.includes(exchangeHash.length);
  if (isHash && isSignature(hostKey, exchangeHash, signature)) return;
  throw new DomainError('host-key.unverified', 'the host key has not signed the exchange of this connection');
}

function isSignature(publicKeyBlob: Buffer, data: Buffer, signatureBlob: Buffer): boolean {
  return verifySignature({ publicKeyBlob, algorithm: algorithmOf(signatureBlob), data, signatureBlob });
}

function algorithmOf(signatureBlob: Buffer): string {
  try {
    return new SshReader(signatureBlob).text();
  } catch (error) {
    if (error instanceof SshFormatError) return '';
    throw error;
  }
}
