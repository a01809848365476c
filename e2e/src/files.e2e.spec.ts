import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListAuthorizationsRoute, UpdateAuthorizationRoute } from '@sallyport/contracts';
import { canRunSshd, run, tempDir, type RestClient, type RunResult } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, withoutWaiting } from './support/audit.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { local, signInAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`files, on a real sshd ${JSON.stringify(why)}`, () => {
  let admin: RestClient;
  let auditor: RestClient;
  let host: RealHost;
  let target: string;
  let hostId: string;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    host = await startRealHost([{ name: 'files', password: 'first-value' }]);
    ({ target, hostId } = await readyAccount(admin, host, 'files', { kind: 'password', password: 'first-value' }));
  });
  afterAll(() => host.sshd.stop());

  /** Runs lines as in a batch file of sftp; a `-` before one lets it fail. */
  const sftp = async (...lines: string[]): Promise<RunResult> => {
    const batch = join(tempDir(), 'batch');
    await writeFile(batch, lines.map((line) => `${line}\n`).join(''));
    const trust = ['UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'LogLevel=ERROR'];
    const logon = ['BatchMode=yes', 'IdentitiesOnly=yes', `IdentityFile=${local.users.alice.privateKeyFile}`];
    const options = [...trust, ...logon, `Port=${local.ssh.port}`].flatMap((option) => ['-o', option]);
    return run('sftp', ['-F', 'none', ...options, '-b', batch, `${target}@${local.ssh.host}`]);
  };

  it('D13: what alice does to files is in the log by name, and what an administrator takes away is refused, on record', async () => {
    const dir = tempDir();
    const name = `report-${randomBytes(4).toString('hex')}`;
    await writeFile(join(dir, 'up'), randomBytes(40_000));
    const first = await sftp(`put ${dir}/up ${name}`, `get ${name} ${dir}/down`, `rename ${name} ${name}.old`);
    expect([first.code, withoutWaiting(first.stderr)]).toEqual([0, '']);
    expect(await readFile(join(dir, 'down'))).toEqual(await readFile(join(dir, 'up')));
    const about = ({ data }: { data: Record<string, unknown> }): boolean => String(data['path']).endsWith(name);
    const opened = await eventsOf(auditor, 'file.opened', about, 2);
    expect(opened.map(({ data }) => data['direction'])).toEqual(['download', 'upload']);
    const [closed] = await eventsOf(auditor, 'file.closed', (event) => about(event) && event.data['bytesRead'] !== 0);
    expect(closed?.data).toMatchObject({ direction: 'download', bytesRead: 40_000, ended: 'closed' });
    const [renamed] = await eventsOf(auditor, 'file.changed', about);
    expect(renamed?.data).toMatchObject({ operation: 'rename', sessionId: opened[0]?.data['sessionId'] });

    const { items } = await admin.call(ListAuthorizationsRoute, { query: { hostId, limit: 200 } });
    for (const { id: authorizationId } of items) {
      await admin.call(UpdateAuthorizationRoute, {
        params: { authorizationId },
        body: { policy: { files: { upload: false } } },
      });
    }
    const second = await sftp(`-put ${dir}/up ${name}`, `get ${name}.old ${dir}/again`);
    expect([second.code, second.stderr]).toEqual([0, expect.stringMatching(/permission denied/i)]);
    expect((await host.sshd.run(`test -e ~files/${name}`)).code).toBe(1);
    const [refused] = await eventsOf(auditor, 'file.refused', about);
    expect(refused?.data).toMatchObject({ permission: 'upload' });
  });
});
