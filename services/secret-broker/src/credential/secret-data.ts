import type { CredentialKind } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Secret } from '@sallyport/secret';
import { parseAuthorizedKey, PrivateKey, SshFormatError } from '@sallyport/ssh-keys';

/** Longest value of a secret in KMS, in bytes of UTF-8. */
export const VALUE_LIMIT_BYTES = 30_720;
/** Longest user name, in characters; Linux itself stops at 32. */
const USER_NAME_LIMIT = 255;

/** A credential ready for use. What is secret in it can be wiped, as far as JavaScript lets us. */
export type Credential =
  | { readonly kind: 'password'; readonly userName: string; readonly password: Buffer }
  | { readonly kind: 'ssh-key'; readonly userName: string; readonly key: PrivateKey };

export function wipeCredential(credential: Credential): void {
  if (credential.kind === 'password') credential.password.fill(0);
  else credential.key.wipe();
}

/**
 * Parses the SecretData of an ECS secret, which a person may have typed:
 * `{"UserName", "Password"}` or `{"UserName", "PublicKey", "PrivateKey"}`, in any order and with other members beside them.
 * @throws DomainError `secret.malformed` with the rule that is broken; nothing of the value is in it, nor a cause
 */
export function parseSecretData(data: Secret<string>, kind: CredentialKind): Credential {
  const members = parseObject(data.expose());
  const userName = textOf(members, 'UserName');
  if (userName.length > USER_NAME_LIMIT) throw malformed(`UserName is longer than ${USER_NAME_LIMIT} characters`);
  if (/\p{Cc}/u.test(userName)) throw malformed('UserName has a control character');
  if (kind === 'password') return { kind, userName, password: readPassword(members) };
  return { kind, userName, key: readKey(members) };
}

/** For who needs nothing else of it. @throws DomainError `secret.malformed` */
export function userNameIn(data: Secret<string>, kind: CredentialKind): string {
  const credential = parseSecretData(data, kind);
  wipeCredential(credential);
  return credential.userName;
}

function parseObject(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > VALUE_LIMIT_BYTES) throw malformed(`it is longer than ${VALUE_LIMIT_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('it is not a JSON object');
  return value as Record<string, unknown>;
}

/** sshd takes no NUL in a password, and a lone surrogate has no form in UTF-8. */
function readPassword(members: Record<string, unknown>): Buffer {
  if ('PrivateKey' in members) throw malformed('it has a PrivateKey, but the secret is of kind password');
  const password = textOf(members, 'Password');
  if (password.includes('\0')) throw malformed('Password has a NUL character');
  return Buffer.from(password, 'utf8');
}

function readKey(members: Record<string, unknown>): PrivateKey {
  if ('Password' in members) throw malformed('it has a Password, but the secret is of kind ssh-key');
  const [publicText, privateText] = [textOf(members, 'PublicKey'), textOf(members, 'PrivateKey')];
  const publicKey = orMalformed('PublicKey', () => parseAuthorizedKey(publicText));
  const privateKey = orMalformed('PrivateKey', () => PrivateKey.parse(privateText));
  if (privateKey.publicKeyBlob.equals(publicKey.blob)) return privateKey;
  privateKey.wipe();
  throw malformed('PublicKey is not the public half of PrivateKey');
}

function textOf(members: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (value === undefined) throw malformed(`${name} is missing`);
  if (typeof value !== 'string') throw malformed(`${name} is not text`);
  if (value === '') throw malformed(`${name} is empty`);
  if (/\p{Surrogate}/u.test(value)) throw malformed(`${name} is not valid Unicode`);
  return value;
}

function orMalformed<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SshFormatError) throw malformed(`${member}: ${error.message}`);
    throw error;
  }
}

function malformed(rule: string): DomainError {
  return new DomainError('secret.malformed', `the value of the secret is malformed: ${rule}`);
}
