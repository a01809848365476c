import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePolicy } from '@sallyport/contracts';
import { SshWriter } from '@sallyport/ssh-keys';
import { tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeFiles } from './testing/file-story.js';
import type { Way } from './testing/file-story.js';
import { expectOk } from './testing/move-files.js';

const ways = ['direct', 'bastion'] as const;
const allowed: FilePolicy = { upload: true, download: true, rename: true, remove: true, mkdir: true, rmdir: true };

describeFiles('what is done to files, and what may be', (story) => {
  it('D12: names that are not UTF-8 pass byte for byte, and are on record so', async () => {
    // "你好" in GBK, and bytes that are no text in any encoding.
    for (const name of [Buffer.from('c4e3bac3', 'hex'), Buffer.from('ff80fe2e747874', 'hex')]) {
      const dir = tempDir();
      const [local, remote] = [Buffer.concat([Buffer.from(`${dir}/`), name]), Buffer.concat([Buffer.from('r-'), name])];
      const content = randomBytes(100);
      await writeFile(local, content);
      const batch = ['put ', local, ' ', remote, '\nrename ', remote, ' ', name, '\nget ', name, ` ${dir}/down`];
      await expectOk(story.sftp('bastion', [Buffer.concat(batch.map((part) => Buffer.from(part)))]));
      expect(await readFile(`${dir}/down`)).toEqual(content);
      const there = await story.host.run(`cd /home/ops; ls | tr -d '\\n' | od -An -tx1 | tr -d ' \\n'; rm -f *`);
      expect(there.stdout).toBe(name.toString('hex'));
      const raw = (data: Record<string, unknown>, field: string): string =>
        Buffer.from(String(data[field]), 'base64').toString('hex');
      const opened = (await story.events('file.opened')).slice(-2);
      expect(opened.map((data) => raw(data, 'pathBase64').slice(-2 * name.length))).toEqual(
        Array(2).fill(name.toString('hex')),
      );
      const renamed = (await story.events('file.changed')).find((data) => data['operation'] === 'rename');
      story.service.events.length = 0;
      expect(raw(renamed ?? {}, 'toPathBase64').endsWith(name.toString('hex'))).toBe(true);
    }
  });

  it('D12: what OpenSSH’s sftp can do, it does as without the bastion', async () => {
    const dir = tempDir();
    const content = randomBytes(50_000);
    await writeFile(join(dir, 'up'), content);
    await writeFile(join(dir, 'part'), content.subarray(0, 20_000));
    const batch = (way: Way): string[] => [
      ...[
        `lcd ${dir}`,
        'mkdir d',
        'cd d',
        'put part a',
        'reput up a',
        'put -f -p up b',
        'cp a c',
        'ln a h',
        'ln -s a s',
      ],
      ...[
        'rename c e',
        'rename -l e g',
        'chmod 600 a',
        '-chmod -h 777 s',
        'ls -1',
        'df -h',
        'get a down',
        'get s s-down',
      ],
      ...[
        '!truncate -s 1000 down',
        'reget a down',
        'rm b',
        '-rm none',
        'mkdir x',
        'rmdir x',
        '-rmdir none',
        `lmkdir ${way}`,
        'version',
      ],
    ];
    const output: Record<string, unknown> = {};
    for (const way of ways) {
      const { code, stdout, stderr } = await story.sftp(way, batch(way));
      const there = await story.host.run(
        'cd /home/ops; ls -lR --time-style=+ d | grep -v ^total; sha256sum d/*; rm -rf d',
      );
      output[way] = { code, stdout: stdout.replaceAll(way, ''), stderr, there: there.stdout };
    }
    expect(output['direct']).toMatchObject({ code: 0 });
    expect(output['bastion']).toEqual(output['direct']);
    const changes = (await story.events('file.changed')).map(({ operation }) => operation);
    for (const operation of [
      'copy-data',
      'hardlink',
      'symlink',
      'rename',
      'set-attributes',
      'remove',
      'mkdir',
      'rmdir',
    ]) {
      expect(changes).toContain(operation);
    }
    expect((await story.events('file.failed')).map(({ operation, path }) => [operation, path])).toEqual([
      // Linux has no modes of links.
      ['set-attributes', '/home/ops/d/s'],
      ['remove', '/home/ops/d/none'],
      ['rmdir', '/home/ops/d/none'],
    ]);
  });

  const acts: [keyof FilePolicy, string, string][] = [
    ['upload', 'put /etc/hostname new', 'test ! -e new'],
    ['upload', 'ln -s /etc/passwd new', 'test ! -e new'],
    ['upload', 'chmod 777 old', 'test "$(stat -c %a old)" = 644'],
    ['download', 'get old /dev/null', 'true'],
    ['rename', 'rename old new', 'test -e old'],
    ['rename', 'ln old new', 'test ! -e new'],
    ['remove', 'rm old', 'test -e old'],
    ['mkdir', 'mkdir new', 'test ! -e new'],
    ['rmdir', 'rmdir empty', 'test -e empty'],
  ];
  it('D13: policy denies upload, download, rename, remove, mkdir and rmdir apart, and the session lives', async () => {
    for (const [permission, line, unchanged] of acts) {
      story.service.events.length = 0;
      story.service.asset.policy.files = { ...allowed, [permission]: false };
      await story.host.run('cd /home/ops; rm -rf *; echo 1 >old; chmod 644 old; mkdir empty; chown ops old empty');
      const { code, stdout, stderr } = await story.sftp('bastion', [`-${line}`, 'pwd', 'ls']);
      expect([line, code, stderr]).toEqual([line, 0, expect.stringMatching(/permission denied/i)]);
      expect(stdout).toContain('Remote working directory: /home/ops');
      expect((await story.host.run(`cd /home/ops; ${unchanged}`)).code).toBe(0);
      expect((await story.events('file.refused')).map((data) => data['permission'])).toEqual([permission]);
      story.service.asset.policy.files = { ...allowed };
      expect([line, (await story.sftp('bastion', [line])).code]).toEqual([line, 0]);
    }
  });

  it('D13: policy holds for scp, old and new', async () => {
    const to = story.destination('bastion');
    await story.host.run('echo 1 >/home/ops/old');
    for (const flags of [['-O'], []]) {
      story.service.asset.policy.files = { ...allowed, upload: false };
      const up = await story.tool('scp', 'bastion', [...flags, '/etc/hostname', `${to}:new`]);
      expect([up.code === 0, up.stderr.toLowerCase()]).toEqual([
        false,
        expect.stringMatching(/file\.forbidden|permission denied/),
      ]);
      expect((await story.host.run('test -e /home/ops/new')).code).toBe(1);
      story.service.asset.policy.files = { ...allowed, download: false };
      const down = await story.tool('scp', 'bastion', [...flags, `${to}:old`, join(tempDir(), 'x')]);
      expect(down.code).not.toBe(0);
    }
    expect((await story.events('file.refused')).map(({ protocol, permission }) => [protocol, permission])).toEqual([
      ['scp', 'upload'],
      ['scp', 'download'],
      ['sftp', 'upload'],
      ['sftp', 'download'],
    ]);
  });

  it('F2: a command that is more than scp is a command, with everything it does', async () => {
    const command = 'scp -t /tmp/x; echo more';
    const { stdout } = await story.tool('ssh', 'bastion', [story.destination('bastion'), command]);
    expect(stdout).toBe('\0more\n');
    await story.tool('ssh', 'bastion', ['-tt', story.destination('bastion'), 'scp -t /tmp'], { input: '\x04' });
    expect(
      (await story.events('channel.opened')).map(({ kind, command, terminal }) => [kind, command, terminal]),
    ).toEqual([
      ['exec', command, false],
      ['exec', 'scp -t /tmp', true],
    ]);
  });

  it('D13, F2: what runs on a channel is watched to its end: a second start is refused, one after a refusal is not', async () => {
    const { connection, leave } = await connectAsAlice({ bastion: story.service, userKey: story.userKey });
    const channel = await connection.open('session');
    const start = (name: string, text: string): Promise<boolean> =>
      channel.request({ name, wantReply: true, payload: new SshWriter().string(text).bytes() });
    expect(await start('subsystem', 'none')).toBe(false);
    expect([await start('subsystem', 'sftp'), await start('exec', 'cat')]).toEqual([true, false]);
    await channel.write(Buffer.from('this is no sftp'));
    await channel.closed;
    leave();
    const refused = (await story.events('channel.refused')).map(
      ({ kind, reason }) => `${String(kind)}: ${String(reason)}`,
    );
    expect(refused).toEqual([
      'subsystem: this subsystem is not permitted',
      'exec: something runs on this channel already',
      expect.stringMatching(/^sftp: a packet cannot have \d+ bytes$/),
    ]);
  });

  it('H7: a stream that is no sftp, or no scp, ends with one line, on record', async () => {
    const input = Buffer.from('GET / HTTP/1.1\r\n\r\n');
    const asSftp = await story.tool('ssh', 'bastion', ['-s', story.destination('bastion'), 'sftp'], { input });
    const asScp = await story.tool('ssh', 'bastion', [story.destination('bastion'), 'scp -t /tmp/x'], { input });
    for (const { code, stderr } of [asSftp, asScp]) {
      expect([code, stderr]).toEqual([
        255,
        expect.stringMatching(/^sallyport: .*\[transfer\.malformed, id \w{32}\]\n$/),
      ]);
    }
    expect((await story.events('channel.refused')).map(({ kind }) => kind)).toEqual(['sftp', 'scp']);
  });
});
