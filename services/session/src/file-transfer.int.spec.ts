import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { checksum, describeFiles } from './testing/file-story.js';
import type { Way } from './testing/file-story.js';
import {
  BULK_BYTES,
  BULK_TIMEOUT_MS,
  expectOk,
  listTree,
  long,
  makeTree,
  moveDown,
  moveUp,
  mustShell,
  SMALL_FILES,
  tools,
} from './testing/move-files.js';

const ways = ['direct', 'bastion'] as const;
/** For what the bastion holds at once, and for memory that Node has not yet collected. */
const MEMORY_BYTES = 192 * 1024 * 1024;
const WARM_UP_BYTES = 12 * 1024 * 1024;

describeFiles('files through the bastion', (story) => {
  it(
    'A1, D6: sftp, scp, scp -O, rsync and cat carry bulk up and down whole, in bounded memory',
    async ({ annotate }) => {
      const dir = tempDir();
      const [file, small] = [join(dir, 'bulk'), join(dir, 'small')];
      await mustShell(`head -c ${BULK_BYTES} /dev/urandom >${file}; head -c ${WARM_UP_BYTES} /dev/zero >${small}`);
      const sum = await checksum(file);
      await moveUp(story, 'sftp', small, 'warm-up');
      const before = story.peakMemory();
      for (const tool of tools) {
        const [name, down] = [tool.replace(' ', ''), join(dir, 'down')];
        const start = performance.now();
        await moveUp(story, tool, file, name);
        const between = performance.now();
        await moveDown(story, tool, name, down);
        const rates = [between - start, performance.now() - between].map((ms) => Math.round(BULK_BYTES / ms / 1_000));
        await annotate(
          `${tool}: up and down at ${rates.join(' and ')} MB/s, grown by ${story.peakMemory() - before} bytes`,
        );
        const there = await story.host.run(`cd /home/ops; sha256sum ${name}; rm ${name}`, long);
        expect([tool, there.stdout.slice(0, 64), await checksum(down)]).toEqual([tool, sum, sum]);
        await mustShell(`rm ${down}`);
      }
      expect(story.peakMemory() - before).toBeLessThan(MEMORY_BYTES);
      const closed = await story.events('file.closed');
      expect(closed.map(({ protocol, bytesRead, bytesWritten }) => [protocol, bytesRead, bytesWritten])).toEqual([
        ['sftp', 0, WARM_UP_BYTES],
        ...['sftp', 'sftp', 'scp'].flatMap((protocol) => [
          [protocol, 0, BULK_BYTES],
          [protocol, BULK_BYTES, 0],
        ]),
      ]);
      expect((await story.events('channel.opened')).map(({ kind }) => kind)).toEqual([
        ...Array<string>(5).fill('sftp'),
        ...Array<string>(2).fill('scp'),
        ...Array<string>(4).fill('exec'),
      ]);
    },
    BULK_TIMEOUT_MS,
  );

  it('A1: git clones, pushes and fetches', async () => {
    const dir = tempDir();
    const work = join(dir, 'work');
    await story.host.run('su ops -c "git init -q --bare /home/ops/repo.git"');
    const git = async (cwd: string, ...args: string[]): Promise<string> => {
      const ssh = ['ssh', ...story.options('bastion')].join(' ');
      const who = {
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@b',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@b',
      };
      const { code, stdout, stderr } = await run('git', args, { cwd, env: { ...who, GIT_SSH_COMMAND: ssh } });
      expect([code, stderr.includes('fatal')]).toEqual([0, false]);
      return stdout.trim();
    };
    const url = `ssh://${story.destination('bastion')}/home/ops/repo.git`;
    await git(dir, 'clone', '-q', url, work);
    await writeFile(join(work, 'big'), randomBytes(3_000_000));
    await git(work, 'add', '.');
    await git(work, 'commit', '-q', '-m', 'x');
    await git(work, 'push', '-q', 'origin', 'HEAD:main');
    await git(dir, 'clone', '-q', '-b', 'main', url, join(dir, 'again'));
    expect(await checksum(join(dir, 'again/big'))).toBe(await checksum(join(work, 'big')));
  });

  it.each([
    ['scp', ['-r']],
    ['scp', ['-r', '-p']],
    ['scp -O', ['-r']],
    ['scp -O', ['-r', '-p', '-v']],
  ] as const)('D11: %s %j carries a tree as it does without the bastion', async (tool, flags) => {
    const tree = await makeTree();
    const results: Record<string, unknown> = {};
    for (const way of ways) {
      const options = [...(tool === 'scp -O' ? ['-O'] : []), ...flags];
      const to = story.destination(way);
      const up = await story.tool('scp', way, [...options, tree, `${to}:/home/ops/${way}`]);
      const there = await story.host.run(listTree(`/home/ops/${way}`, flags.includes('-p' as never)));
      const down = join(tempDir(), 'down');
      const got = await story.tool('scp', way, [...options, `${to}:/home/ops/${way}`, down]);
      const here = await mustShell(listTree(down, flags.includes('-p' as never)));
      results[way] = { up: up.code, there: there.stdout, got: got.code, here };
    }
    expect(results['bastion']).toEqual(results['direct']);
    expect(results['direct']).toMatchObject({ up: 0, got: 0, here: expect.stringContaining('with space') as string });
  });

  it('D11: scp -O of globs, of quoted names, and of what is not there, ends as without the bastion', async () => {
    await story.host.run(
      'cd /home/ops; mkdir d; echo 1 >d/a.txt; echo 2 >d/b.txt; echo 3 >"d/with space"; chown -R ops d',
    );
    const sources = ['d/*.txt', '"d/with space"', 'd/with\\ space', 'd/none', 'd', '/root/x'];
    const results = async (way: Way): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (const source of sources) {
        const down = tempDir();
        const { code, stderr } = await story.tool('scp', way, ['-O', `${story.destination(way)}:${source}`, down]);
        all.push([source, code, stderr, await readdir(down)]);
      }
      const to = story.destination(way);
      // Two files want a folder (`-d`); one that may not be written is refused by the host.
      for (const target of ['d', 'd/a.txt', '/root/x']) {
        const { code, stderr } = await story.tool('scp', way, [
          '-O',
          '/etc/hostname',
          '/etc/passwd',
          `${to}:${target}`,
        ]);
        all.push([code, stderr, (await story.host.run('ls /home/ops/d')).stdout]);
      }
      return all;
    };
    expect(await results('bastion')).toEqual(await results('direct'));
    const names = (await story.events('file.opened')).map(
      ({ protocol, path }) => `${String(protocol)} ${String(path)}`,
    );
    expect(names).toEqual(['scp a.txt', 'scp b.txt', 'scp with space', 'scp with space', 'scp hostname', 'scp passwd']);
  });

  it('D11: a file that grows while it is sent arrives as long as it was announced', async () => {
    const file = join(tempDir(), 'log');
    await writeFile(file, randomBytes(4_000_000));
    for (const flags of [['-O'], []]) {
      const sending = story.tool('scp', 'bastion', [...flags, file, `${story.destination('bastion')}:/home/ops/log`]);
      await appendFile(file, randomBytes(1_000_000));
      expect((await sending).code).toBe(0);
      const start = Number((await story.host.run('stat -c %s /home/ops/log')).stdout);
      const compared = await story.host.run(`cmp -n ${start} /home/ops/log ${file}`);
      expect([start >= 4_000_000, compared.stdout]).toEqual([true, '']);
    }
  });

  it(
    'D11: many small files go up and down, each on record before and after',
    async () => {
      const tree = join(tempDir(), 'many');
      await mkdir(tree);
      await mustShell(`cd ${tree}; for i in $(seq ${SMALL_FILES}); do echo "$i" >f$i; done`);
      const down = tempDir();
      await expectOk(story.tool('scp', 'bastion', ['-O', '-q', '-r', tree, `${story.destination('bastion')}:`], long));
      const there = await story.host.run('cd /home/ops/many; ls | wc -l; cat f*  | sort -n | sha256sum');
      expect(there.stdout).toBe(await mustShell(`cd ${tree}; ls | wc -l; cat f* | sort -n | sha256sum`));
      await expectOk(story.tool('scp', 'bastion', ['-q', '-r', `${story.destination('bastion')}:many`, down], long));
      expect(await mustShell(`diff -r ${tree} ${join(down, 'many')}`)).toBe('');
      const closed = await story.events('file.closed');
      expect(closed).toHaveLength(2 * SMALL_FILES);
      expect(closed.every(({ ended }) => ended === 'closed')).toBe(true);
      const opened = (await story.events('file.opened')).map(
        ({ protocol, path }) => `${String(protocol)} ${String(path)}`,
      );
      expect(new Set(opened).size).toBe(2 * SMALL_FILES);
    },
    BULK_TIMEOUT_MS,
  );
});
