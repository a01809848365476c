import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, makeUserKey, mustRun, ServerProcess, tempDir } from '@sallyport/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';
import { startTcpProxy } from './testing/tcp-proxy.js';

describeProcess('the bastion’s own host key', (story) => {
  it('C6: is the same on all replicas behind one address, and after a restart', async () => {
    const { privateKey, publicKey } = await makeUserKey('ed25519');
    const file = join(tempDir(), 'host_key');
    await writeFile(file, privateKey, { mode: 0o600 });
    const start = (): Promise<SessionProcess> =>
      story.start({ SESSION_HOST_KEY_ED25519: '', SESSION_HOST_KEY_ED25519_FILE: file, SESSION_HOST_KEY_RSA: '' });
    const replicas: [SessionProcess, SessionProcess] = await Promise.all([start(), start()]);
    onTestFinished(async () => {
      for (const replica of replicas) await replica.stop();
    });
    let turn = 0;
    const balancer = await startTcpProxy(() => {
      turn += 1;
      return (turn % 2 === 0 ? replicas[0] : replicas[1]).port;
    });
    onTestFinished(() => {
      balancer.stop();
    });
    const knownHostsFile = join(tempDir(), 'known_hosts');
    await writeFile(knownHostsFile, `[127.0.0.1]:${balancer.port} ${publicKey}\n`);
    const logOn = async (): Promise<void> => {
      const more = { port: balancer.port, knownHostsFile };
      expect(await story.logOn(replicas[0], more)).toMatchObject({ code: 0, stdout: 'in\n' });
    };
    const served = ({ requests }: SessionProcess): boolean => requests.length > 0;
    await logOn();
    await logOn();
    expect(replicas.map(served)).toEqual([true, true]);
    // In place of the first: a process that finds nothing but the file.
    await replicas[0].stop();
    replicas[0] = await start();
    await logOn();
    await logOn();
    expect(replicas.map(served)).toEqual([true, true]);
  });
});

describe('without its host key', () => {
  it('C6: the session process does not start, says which setting is wrong, and makes no key of its own', async () => {
    const key = (await makeUserKey('ed25519')).privateKeyFile;
    const locked = (await makeUserKey('ed25519')).privateKeyFile;
    await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'passphrase', '-f', locked]);
    const wrong = {
      SESSION_HOST_KEY_ED25519_FILE: [
        [undefined, 'SESSION_HOST_KEY_ED25519 is missing (or give SESSION_HOST_KEY_ED25519_FILE)'],
        [join(tempDir(), 'nowhere'), 'SESSION_HOST_KEY_ED25519_FILE cannot be read (ENOENT)'],
        [`${key}.pub`, 'SESSION_HOST_KEY_ED25519: must be a private key of type ssh-ed25519 without passphrase'],
        [locked, 'SESSION_HOST_KEY_ED25519: must be a private key of type ssh-ed25519 without passphrase'],
        [(await makeUserKey('rsa')).privateKeyFile, 'must be a private key of type ssh-ed25519'],
      ],
      SESSION_HOST_KEY_RSA_FILE: [[key, 'SESSION_HOST_KEY_RSA: must be a private key of type ssh-rsa']],
    };
    for (const [name, cases] of Object.entries(wrong))
      for (const [file, said] of cases) {
        const env = { SESSION_SSH_PORT: String(await freePort()), [name]: file };
        const service = new ServerProcess(process.execPath, ['dist/main.js'], { env });
        expect((await service.exited).code).toBe(1);
        expect(service.tail()).toContain(said);
        expect(service.tail()).not.toContain('PRIVATE KEY-');
      }
  });
});
