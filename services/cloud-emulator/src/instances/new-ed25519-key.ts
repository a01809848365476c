import { generateKeyPairSync, randomBytes } from 'node:crypto';

const keyType = 'ssh-ed25519';
/** Block size that the private part is padded to when it is not encrypted. */
const blockBytes = 8;

/**
 * A new Ed25519 private key in OpenSSH form (PROTOCOL.key of OpenSSH), not encrypted. By hand, because the generator of
 * ssh2 1.17 makes a key that cannot be read when the public key starts with a zero byte.
 *
 * ```
 * "openssh-key-v1" 0x00 | string cipher | string kdf | string kdf options | uint32 number of keys
 * string public blob = string type, string public
 * string private part = uint32 check, uint32 check, string type, string public, string seed + public, string comment, 1 2 3 …
 * ```
 */
export function newEd25519Key(): string {
  // Not by `export({ format: 'jwk' })`: Node 20 waits for itself there for ever when the garbage of the generator is collected meanwhile.
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  // Both end with the key itself (RFC 8410, sections 4 and 7).
  const publicKey = pair.publicKey.subarray(-32);
  const seed = pair.privateKey.subarray(-32);
  const check = randomBytes(4);
  const named = [text(keyType), text(publicKey)];
  const comment = text('');
  const open = Buffer.concat([check, check, ...named, text(Buffer.concat([seed, publicKey])), comment]);
  const padding = Buffer.from(
    Array.from({ length: (blockBytes - (open.length % blockBytes)) % blockBytes }, (_, i) => i + 1),
  );
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[text('none'), text('none'), text('')],
    uint32(1),
    text(Buffer.concat(named)),
    text(Buffer.concat([open, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** A `string` of RFC 4251 section 5. */
function text(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
