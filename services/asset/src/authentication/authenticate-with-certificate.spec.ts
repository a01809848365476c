import { generateKeyPairSync, sign } from 'node:crypto';
import { PrivateKey, SshWriter } from '@sallyport/ssh-keys';
import type { CertificateFields } from '@sallyport/ssh-keys/testing';
import { softAuthenticator, softCertificate } from '@sallyport/ssh-keys/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ca, certified, LogonDoor } from './logon-door.suite.js';

let door: LogonDoor;
beforeEach(async () => {
  door = await LogonDoor.open();
});

describe('a key with a certificate', () => {
  const principals = ['alice'];

  it.each(['sk-ssh-ed25519', 'sk-ecdsa-sha2-nistp256'] as const)(
    'in an authenticator (%s) shows a PIN where the certificate asks for one',
    async (name) => {
      const key = softAuthenticator(`${name}@openssh.com`);
      const [plain, strict] = [{ principals }, { principals, criticalOptions: [['verify-required'] as const] }];
      const logOn = (fields: CertificateFields, flags: number) => {
        const blob = softCertificate(ca, key.publicKeyBlob, fields);
        const made = certified(blob, `${name}-cert-v01@openssh.com`, (data) => key.sign(data, { flags }));
        return door.prove('alice', made);
      };
      await logOn(plain, 1);
      await logOn(strict, 5);
      expect(await door.refused(logOn(strict, 1))).toBe('bad-signature');
      expect(await door.refused(logOn(plain, 0))).toBe('bad-signature');
    },
  );

  it('of RSA signs by SHA-2, as the client says, and not by SHA-1', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = PrivateKey.parse(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const blob = softCertificate(ca, key.publicKeyBlob, { principals, type: 'ssh-rsa-cert-v01@openssh.com' });
    const logOn = (asked: string, by = asked) =>
      door.prove(
        'alice',
        certified(blob, `${asked}-cert-v01@openssh.com`, (data) => key.sign(by, data)),
      );
    await logOn('rsa-sha2-512');
    await logOn('rsa-sha2-256');
    expect(await door.refused(logOn('rsa-sha2-512', 'rsa-sha2-256'))).toBe('bad-signature');
    const sha1 = (data: Buffer) =>
      new SshWriter()
        .string('ssh-rsa')
        .string(sign('sha1', data, privateKey))
        .bytes();
    for (const algorithm of ['ssh-rsa-cert-v01@openssh.com', 'ssh-rsa'])
      expect(await door.refused(door.prove('alice', certified(blob, algorithm, sha1)))).toBe('bad-signature');
  });
});
