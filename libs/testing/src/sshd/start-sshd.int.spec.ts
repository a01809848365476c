import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ssh } from '../ssh-client.js';
import { makeUserKey } from '../user-key.js';
import type { UserKey } from '../user-key.js';
import { canRunSshd, startSshd } from './start-sshd.js';
import type { SshdHost } from './start-sshd.js';

const possible = canRunSshd();

describe.skipIf(!possible.ok)(`a real sshd${possible.ok ? '' : ` (${possible.reason})`}`, () => {
  let host: SshdHost;
  let key: UserKey;
  beforeAll(async () => {
    key = await makeUserKey();
    host = await startSshd({
      accounts: [
        { name: 'deploy', password: 'first one' },
        { name: 'root', authorizedKeys: [key.publicKey] },
      ],
    });
  });
  afterAll(() => host.stop());

  const asDeploy = (password: string) =>
    ssh({ destination: 'deploy@127.0.0.1', port: host.port, password, command: 'id -un; exit 7' });
  const asRoot = (command: string, input = '') =>
    ssh({ destination: 'root@127.0.0.1', port: host.port, privateKeyFile: key.privateKeyFile, command, input });

  test('lets real accounts log on with password and key, and gives exit codes and streams', async () => {
    expect(await asDeploy('first one')).toMatchObject({ code: 7, stdout: 'deploy\n' });
    expect(await asRoot('cat; echo $HOME >&2', 'over')).toMatchObject({ code: 0, stdout: 'over', stderr: '/root\n' });
    expect(host.log().join('\n')).toMatch(/Accepted password for deploy/);
    expect(host.log().join('\n')).toContain(`Accepted publickey for root from 127.0.0.1`);
  });

  test('changes password and key', async () => {
    await host.setPassword('deploy', 'second one');
    expect(await asDeploy('first one')).toMatchObject({ code: 255 });
    expect(await asDeploy('second one')).toMatchObject({ code: 7 });
    const other = await makeUserKey('rsa', { format: 'pem' });
    await host.setAuthorizedKey('root', other.publicKey);
    expect(await asRoot('true')).toMatchObject({ code: 255 });
    await host.setAuthorizedKey('root', other.publicKey, key.publicKey);
    expect(await asRoot('true')).toMatchObject({ code: 0 });
  });

  test('replaces its host keys', async () => {
    const before = host.hostKeys.map(({ fingerprint }) => fingerprint);
    expect(before).toHaveLength(3);
    await host.replaceHostKeys(['ed25519']);
    expect(host.hostKeys).toHaveLength(1);
    expect(before).not.toContain(host.hostKeys[0]?.fingerprint);
    expect(await asRoot('true')).toMatchObject({ code: 0 });
  });

  test('shows the files of the machine, wherever they lie', async () => {
    expect(await host.run(`'${process.execPath}' -p 1 && test -r '${import.meta.filename}'`)).toMatchObject({
      code: 0,
    });
  });

  test('leaves the machine as it was', async () => {
    expect(await readFile('/etc/passwd', 'utf8')).not.toContain('deploy');
    expect((await host.run('grep -c deploy /etc/passwd')).stdout).toBe('1\n');
  });
});
