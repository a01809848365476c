import { readFileSync } from 'node:fs';
import { testSize, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { describeFiles } from './testing/file-story.js';
import type { FileStory, Way } from './testing/file-story.js';
import { SharedConnection } from './testing/shared-connection.js';

/** 100, or SALLYPORT_TEST_EXITS (1000 for all of D1). */
const EXITS = testSize('EXITS', 100);
const ways: Way[] = ['direct', 'bastion'];

/** Ways to end, each after 50,000 bytes of output; `$n` is an exit status. */
const ends = [
  ['a command', [], 'head -c 50000 /dev/zero; exit $n'],
  ['a terminal', ['-tt'], 'head -c 50000 /dev/zero | tr "\\0" x; exit $n'],
  ['a pipeline', [], 'yes | head -c 50000; true | (exit $n)'],
  ['SIGTERM', [], 'head -c 50000 /dev/zero; kill -TERM $$'],
  ['SIGKILL', [], 'head -c 50000 /dev/zero; kill -KILL $$'],
  ['SIGTERM at a terminal', ['-tt'], 'head -c 50000 /dev/zero | tr "\\0" x; kill -TERM $$'],
] as const;
const statuses = [0, 1, 255];

describeFiles('sessions that share a connection, with OpenSSH at both ends', (story) => {
  it(
    'D1: exit statuses and signals arrive as without the bastion, and never before the last byte, however often',
    async () => {
      const kinds = ends.flatMap(([what, args, command]) =>
        statuses.map((n) => ({ what: `${what}, ${n}`, args, command: command.replace('$n', String(n)) })),
      );
      const outcome = async (connection: SharedConnection, { args, command }: (typeof kinds)[number]) => {
        const { code, signal, stdout, stderr } = await connection.run(command, ...args);
        return { code, signal, bytes: stdout.length, stderr };
      };
      const [direct, bastion] = await both(story);
      const expected: Awaited<ReturnType<typeof outcome>>[] = [];
      for (const kind of kinds) expected.push(await outcome(direct, kind));
      expect(expected.slice(0, 3)).toMatchObject(statuses.map((code) => ({ code, bytes: 50_000, stderr: '' })));
      for (let i = 0; i < EXITS; i += 1) {
        const kind = kinds[i % kinds.length] ?? expect.fail();
        expect({ i, kind, ...(await outcome(bastion, kind)) }).toEqual({ i, kind, ...expected[i % kinds.length] });
      }
      await Promise.all([direct.leave(), bastion.leave()]);
    },
    240_000 + EXITS * 500,
  );

  it('D4: the eleventh session at a host of default settings is refused with the host’s reason, and has its place when another ends', async () => {
    const refusals: string[][] = [];
    for (const way of ways) {
      const connection = await SharedConnection.open(story, way);
      const sessions = Array.from({ length: 10 }, (_, i) => connection.stay(`go${way}${i === 0 ? 0 : ''}`));
      const here = () => sessions.every(({ lines }) => lines.includes('here'));
      await waitFor(here, { what: 'ten sessions' });
      expect(await connection.run('echo eleventh')).toMatchObject({ code: 255, stdout: '' });
      const failures = (await connection.log()).filter((line) => line.includes('open failed'));
      refusals.push(failures.map((line) => /open failed: [a-z ]+: open failed/.exec(line)?.[0] ?? line));
      // The first is on its own.
      await story.host.run(`touch /home/ops/go${way}0`);
      expect((await sessions[0]?.exited)?.code).toBe(7);
      await waitFor(async () => (await connection.run('exit 5')).code === 5, { what: 'the free place' });
      expect(sessions.slice(1).every(({ running }) => running)).toBe(true);
      await connection.run(`touch go${way}`);
      const exits = await Promise.all(sessions.slice(1).map(({ exited }) => exited));
      expect(exits.map(({ code }) => code)).toEqual(Array(9).fill(7));
      await connection.leave();
    }
    expect(refusals).toEqual([
      ['open failed: connect failed: open failed'],
      ['open failed: connect failed: open failed'],
    ]);
  });

  it('D5: of 10 sessions side by side and 50 one after the other none ends another, and nothing spins after them', async () => {
    const before = story.service.broker.asked.length;
    const connection = await SharedConnection.open(story, 'bastion');
    const stays = connection.stay('go');
    await waitFor(() => stays.lines.includes('here'), { what: 'the session that stays' });
    const side = Array.from({ length: 8 }, (_, i) => connection.run(`head -c 200000 /dev/zero; exit ${i}`));
    expect((await Promise.all(side)).map(({ code, stdout }) => [code, stdout.length])).toEqual(
      side.map((_, i) => [i, 200_000]),
    );
    for (let i = 0; i < 50; i += 1) expect(await connection.run(`exit ${i}`)).toMatchObject({ code: i, stderr: '' });
    expect(stays.running).toBe(true);
    expect(story.service.broker.asked.slice(before)).toEqual(['prepare', 'open', 'release']);
    await untilIdle(story.service.process.pid);
    await connection.run('touch go');
    expect([(await stays.exited).code, stays.lines]).toEqual([7, ['here', 'going']]);
    await connection.leave();
    await story.service.allIsOnRecord();
    await untilIdle(story.service.process.pid);
  });
});

async function both(story: FileStory): Promise<[SharedConnection, SharedConnection]> {
  return [await SharedConnection.open(story, 'direct'), await SharedConnection.open(story, 'bastion')];
}

/** Waits for half a second in which a process uses less than a twentieth of a processor: what spins never does. */
async function untilIdle(pid: number): Promise<void> {
  const look = () => ({ cpuMs: cpuMs(pid), at: performance.now() });
  let last = look();
  const idle = (): boolean => {
    const [before, now] = [last, look()];
    if (now.at - before.at < 500) return false;
    last = now;
    return (now.cpuMs - before.cpuMs) / (now.at - before.at) < 0.05;
  };
  await waitFor(idle, { what: 'the process to be idle', everyMs: 100, timeoutMs: 60_000 });
}

/** User and system time of a process so far: fields 14 and 15 of proc_pid_stat(5), in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
