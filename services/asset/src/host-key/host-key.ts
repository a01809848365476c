import type { HostKey } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import {
  fingerprint,
  formatAuthorizedKey,
  isSecurityKeyType,
  parseAuthorizedKey,
  parsePublicKeyBlob,
  SshFormatError,
} from '@sallyport/ssh-keys';

type ParsedKey = Pick<HostKey, 'type' | 'fingerprint' | 'publicKey'>;

/** @param blob RFC 4253 section 6.6 @throws DomainError `request.invalid` */
export function hostKeyFromBlob(blob: Buffer): ParsedKey {
  return parsed(() => parsePublicKeyBlob(blob));
}

/** @param line OpenSSH one-line form; its comment is dropped @throws DomainError `request.invalid` */
export function hostKeyFromLine(line: string): ParsedKey {
  return parsed(() => parseAuthorizedKey(line));
}

function parsed(read: () => Pick<ReturnType<typeof parseAuthorizedKey>, 'type' | 'blob'>): ParsedKey {
  try {
    const { type, blob } = read();
    if (isSecurityKeyType(type)) {
      throw new DomainError(
        'request.invalid',
        'host key: a key in an authenticator is that of a person, not of a host',
      );
    }
    return { type, fingerprint: fingerprint(blob), publicKey: formatAuthorizedKey({ type, blob, comment: '' }) };
  } catch (error) {
    if (error instanceof SshFormatError)
      throw new DomainError('request.invalid', `host key: ${error.message}`, { cause: error });
    throw error;
  }
}
