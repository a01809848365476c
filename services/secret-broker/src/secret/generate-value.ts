import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { CredentialKind } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import { formatAuthorizedKey, PrivateKey } from '@sallyport/ssh-keys';
import type { KmsAdministration } from '../kms/kms-administration.js';

/** As long as those that KMS makes when it rotates. */
const PASSWORD_LENGTH = 32;
/** KMS makes RSA-2048 when it rotates; the key in PKCS#1, as `ssh-keygen -m PEM` writes it. */
const RSA_BITS = 3_072;

const newKeyPair = promisify(generateKeyPair);

/** The first value of a secret, made here or by KMS, that nobody has seen: SecretData as KMS wants it. */
export class GenerateValue {
  constructor(private readonly administration: KmsAdministration) {}

  /** @throws DomainError `kms.*` */
  async run(regionId: string, kind: CredentialKind, userName: string): Promise<Secret<string>> {
    if (kind === 'password') {
      const password = await this.administration.newPassword(regionId, PASSWORD_LENGTH);
      return Secret.of(JSON.stringify({ UserName: userName, Password: password.expose() }));
    }
    const { privateKey } = await newKeyPair('rsa', { modulusLength: RSA_BITS });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const key = PrivateKey.parse(pem);
    const publicKey = formatAuthorizedKey({ type: 'ssh-rsa', blob: key.publicKeyBlob, comment: '' });
    key.wipe();
    return Secret.of(JSON.stringify({ UserName: userName, PublicKey: publicKey, PrivateKey: pem }));
  }
}
