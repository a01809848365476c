import { createHash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SecurityKeyType } from '../key-type.js';
import { SshWriter } from '../ssh-writer.js';
import { freshKeys } from './fresh-keys.js';

/** For tests, where nobody is there to touch one: an authenticator in software. */
export interface SoftAuthenticator {
  readonly type: SecurityKeyType;
  readonly publicKeyBlob: Buffer;
  /** The whole signature blob. @param flags 1: somebody touched it @param over what is signed as the application's hash */
  sign(data: Uint8Array, options?: { flags?: number; counter?: number; over?: string }): Buffer;
}

export function softAuthenticator(type: SecurityKeyType, application = 'ssh:'): SoftAuthenticator {
  const isEd25519 = type === 'sk-ssh-ed25519@openssh.com';
  const { publicKey, privateKey } = freshKeys(isEd25519 ? 'ed25519' : 'P-256');
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [xBytes, yBytes] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  const blob = new SshWriter().string(type);
  if (isEd25519) blob.string(xBytes);
  else blob.string('nistp256').string(Buffer.concat([Buffer.of(4), xBytes, yBytes]));
  return {
    type,
    publicKeyBlob: blob.string(application).bytes(),
    sign: (data, { flags = 1, counter = 7, over = application } = {}) => {
      const tail = new SshWriter().byte(flags).uint32(counter).bytes();
      const signed = Buffer.concat([sha256(over), tail, sha256(data)]);
      const signature = isEd25519 ? sign(null, signed, privateKey) : ecdsa(privateKey, signed);
      return Buffer.concat([new SshWriter().string(type).string(signature).bytes(), tail]);
    },
  };
}

function ecdsa(key: KeyObject, data: Buffer): Buffer {
  const raw = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return new SshWriter().mpint(raw.subarray(0, 32)).mpint(raw.subarray(32)).bytes();
}

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
