import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tempDir, waitFor } from '@sallyport/testing';
import type { RunOptions, RunResult } from '@sallyport/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

describeStory('ssh -J', (story) => {
  let config: string;
  beforeEach(() => {
    config = join(tempDir(), 'config');
    writeFileSync(
      config,
      `Host *
         BatchMode yes
         StrictHostKeyChecking no
         UserKnownHostsFile /dev/null
         LogLevel ERROR
       Host bastion
         HostName 127.0.0.1
         Port ${story.bastion.port}
         User alice
         IdentityFile ${story.userKey.privateKeyFile}
         IdentitiesOnly yes
       Host web-*
         # Nothing is proved again inside: what the bastion would be offered there is nothing.
         IdentityFile none
         IdentitiesOnly yes
         ProxyJump bastion
         User ops
      `,
    );
  });
  const ssh = (args: string[], options?: RunOptions): Promise<RunResult> =>
    run('ssh', ['-F', config, ...args], options);
  const names = (): string[] => story.bastion.audit.events.map(({ name }) => name);
  /** Events of one test must not be taken for those of the next. */
  afterEach(async () => {
    const { audit } = story.bastion;
    const ended = () => audit.named('session.opened').length === audit.named('session.closed').length;
    await waitFor(ended, { what: 'the record of each end' });
  });

  it('A3: logs on at the host with the bastion’s credential, with the bastion’s own host key, on record', async () => {
    const outer = await run('ssh-keyscan', ['-T', '60', '-p', String(story.bastion.port), '127.0.0.1']);
    const [, key = ''] = /(ssh-ed25519 \S+)/.exec(outer.stdout) ?? [];
    const known = join(tempDir(), 'known');
    writeFileSync(known, `web-1 ${key}\n`);
    const strict = ['-o', `UserKnownHostsFile=${known}`, '-o', 'StrictHostKeyChecking=no'];
    const result = await ssh([...strict, 'web-1', 'id -un; cat; exit 7'], { input: 'in\n' });
    expect(result).toMatchObject({ code: 7, stdout: 'ops\nin\n', stderr: '' });
    expect(names().slice(0, 2)).toEqual(['session.opened', 'channel.opened']);
    expect(story.bastion.audit.named('session.opened')).toMatchObject([
      { username: 'alice', clientAddress: '127.0.0.1', accountName: 'ops', hostName: 'web-1' },
    ]);
    const changed = await ssh([
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'HostKeyAlias=web-1',
      '-o',
      'StrictHostKeyChecking=yes',
      'web-1',
      'true',
    ]);
    expect(changed.code).toBe(0);
  });

  it('A3: takes the host and account as ssh and scp spell them, and more than one connection at a time', async () => {
    const results = await Promise.all([
      ssh(['-J', 'alice@bastion', 'ops@web-1', 'echo one']),
      ssh(['-W', 'web-1:22', 'bastion'], { input: '' }),
      run('scp', ['-F', config, config, 'web-1:/tmp/jumped']),
    ]);
    expect(results[0]).toMatchObject({ code: 0, stdout: 'one\n' });
    expect(results[1].stdout).toMatch(/^SSH-2\.0-\S*Sallyport/);
    expect(results[2]).toMatchObject({ code: 0, stderr: '' });
    expect((await story.host.run('wc -c </tmp/jumped')).stdout.trim()).not.toBe('0');
  });

  describe('A4, A10: is refused in one line that says what and why', () => {
    it.each([
      ['a host that is not hers', ['-J', 'bastion', 'ops@web-9', 'true'], 'target.not-found'],
      ['an account that is not hers', ['-l', 'root', 'web-1', 'true'], 'target.not-found'],
    ])('%s', async (_, args, code) => {
      const result = await ssh(args);
      expect(result).toMatchObject({ code: 255, stdout: '' });
      expect(result.stderr.trim()).toMatch(
        new RegExp(`^sallyport: .* \\[${code.replace('.', '\\.')}, id [0-9a-f]{32}\\]$`),
      );
      expect(names()).toEqual(['session.refused']);
    });

    it('a name that is none', async () => {
      const result = await ssh(['-o', 'LogLevel=INFO', '-W', 'web\x01:22', 'bastion'], { input: '' });
      expect(result.code).not.toBe(0);
      expect(result.stderr).toContain('no name of a host');
      expect(story.bastion.asset.asked).not.toContain('authorize');
    });
  });

  it('D17: is no tunnel: what is asked for inside needs the policy of the host, and nothing but SSH comes to an end', async () => {
    const forward = ['-o', 'LogLevel=INFO', '-W', '127.0.0.1:22', 'web-1'];
    expect((await ssh(forward, { input: '' })).stderr).toContain('administratively prohibited');
    const noise = await ssh(['-W', 'web-1:80', 'bastion'], { input: `GET / HTTP/1.0\r\n\r\n${'x'.repeat(50_000)}` });
    expect(noise.stdout).toMatch(/^SSH-2\.0-\S*Sallyport/);
    expect(story.bastion.asset.asked).not.toContain('list ');
  });

  it('E4: ends with the connection around it', async () => {
    const jumped = ssh(['web-1', 'echo $$ >/tmp/pid; exec sleep 600']);
    await expect.poll(() => story.bastion.audit.named('channel.opened').length, { timeout: 60_000 }).toBe(1);
    await story.bastion.gateway.stop();
    expect((await jumped).code).toBe(255);
    expect(story.bastion.audit.named('session.closed')).toMatchObject([{ reason: 'drained' }]);
  });
});
