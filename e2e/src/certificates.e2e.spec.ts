import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AddCertificateAuthorityRoute,
  CreateAuthorizationRoute,
  CreateUserRoute,
  RemoveCertificateAuthorityRoute,
} from '@sallyport/contracts';
import { canRunSshd, run, ssh, tempDir, type RunResult } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { local } from './support/sallyport.js';
import { isIn, openDoor, type Door, type More } from './support/door.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`who may log on, at a real sshd ${JSON.stringify(why)}`, () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  describe('certificates', () => {
    const authority = async (type: 'ed25519' | 'rsa' = 'ed25519') => {
      const file = join(tempDir(), 'ca');
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
      return { file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
    };
    /** Somebody without a key of their own, and what `ssh-keygen -s` makes of a new one for them. */
    const newUser = async (type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519') => {
      const file = join(tempDir(), 'key');
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
      const username = `user-${randomBytes(4).toString('hex')}`;
      const { id: userId } = await door.admin.call(CreateUserRoute, { body: { username, roles: ['operator'] } });
      await door.admin.call(CreateAuthorizationRoute, { body: { userId, hostId: door.hostId } });
      const destination = `${username}@door@${door.host.name}@${local.ssh.host}`;
      const logOn = (more: More = {}): Promise<RunResult> =>
        ssh({ destination, port: local.ssh.port, command: 'echo in', privateKeyFile: file, ...more });
      const certify = (ca: string, ...options: string[]) => {
        const names = options.includes('-n') ? [] : ['-n', username];
        return run('ssh-keygen', ['-q', '-s', ca, '-I', 'laptop', '-z', '7', ...names, ...options, `${file}.pub`]);
      };
      return { username, certify, logOn };
    };
    const trust = ({ publicKey }: { publicKey: string }) =>
      door.admin.call(AddCertificateAuthorityRoute, { body: { name: 'staff', publicKey } });

    it('log on with plain ssh -i, by every kind of key, until their authority is trusted no longer', async () => {
      const ca = await authority('rsa');
      const { id: certificateAuthorityId } = await trust(ca);
      for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
        const { username, certify, logOn } = await newUser(type);
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await certify(ca.file, '-t', 'rsa-sha2-512');
        expect(await logOn()).toMatchObject(isIn);
        const [event] = await eventsOf(door.auditor, 'user.authenticated', ({ data }) => data['username'] === username);
        expect(event?.data).toMatchObject({ method: 'publickey', certificate: { serial: '7', keyId: 'laptop' } });
        if (type !== 'rsa') continue;
        await certify(ca.file, '-t', 'ssh-rsa');
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await certify(ca.file, '-t', 'rsa-sha2-256');
        await door.admin.call(RemoveCertificateAuthorityRoute, { params: { certificateAuthorityId } });
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      }
    });

    it('hold their user to a command, an address and no terminal', async () => {
      const ca = await authority();
      await trust(ca);
      const { certify, logOn } = await newUser();
      const here = ['-O', 'clear', '-O', 'source-address=127.0.0.0/8,::1/128'];
      await certify(ca.file, ...here, '-O', 'force-command=echo forced; tty');
      expect(await logOn()).toMatchObject({ stdout: 'forced\nnot a tty\n' });
      expect((await logOn({ args: ['-tt'], logLevel: 'INFO' })).stderr).toContain('PTY allocation request failed');
      await certify(ca.file, ...here, '-O', 'permit-pty');
      expect((await logOn({ args: ['-tt'], command: 'tty' })).stdout).toMatch(/^\/dev\/pts/);
    });

    it.each([
      ['expired', ['-V', '20200101:20210101']],
      ['not valid yet', ['-V', '20990101:20990102']],
      ['of another principal', ['-n', 'somebody']],
      ['of a host', ['-h']],
      ['for another address', ['-O', 'source-address=198.51.100.0/24']],
      ['with a critical option that is not known', ['-O', 'critical:x@example.com=1']],
    ])('are refused, with the key in them: %s', async (_, options) => {
      const { certify, logOn } = await newUser();
      const [ca, other] = [await authority(), await authority()];
      await trust(ca);
      await certify(other.file);
      expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      await certify(ca.file, ...options);
      expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      await certify(ca.file);
      expect(await logOn()).toMatchObject(isIn);
    });
  });
});
