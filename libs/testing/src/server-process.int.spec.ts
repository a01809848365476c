import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { run } from './run.js';
import { ServerProcess } from './server-process.js';
import { waitFor } from './wait-for.js';

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('keeps the lines of both streams and asks before it kills', async () => {
  const polite = new ServerProcess('sh', [
    '-c',
    'trap "echo bye; exit 4" TERM; echo up; echo down >&2; while :; do sleep 0.02; done',
  ]);
  await waitFor(() => polite.lines.length === 2, { what: 'its two lines' });
  expect(await polite.stop({ graceMs: 60_000 })).toEqual({ code: 4, signal: null });
  expect(polite.lines).toContain('bye');
  expect(polite.running).toBe(false);

  const stubborn = new ServerProcess('sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 0.02; done']);
  await waitFor(() => stubborn.lines.includes('up'), { what: 'its line' });
  expect(await stubborn.stop({ graceMs: 50 })).toEqual({ code: null, signal: 'SIGKILL' });
});

test('tells of a program that is not there', async () => {
  const missing = new ServerProcess('/no/such/program', []);
  expect(await missing.exited).toEqual({ code: 127, signal: null });
  expect(missing.tail()).toMatch(/cannot start/);
  expect(() => missing.pid).toThrow(/cannot start/);
});

test('leaves neither process nor folder behind when the process that started them is killed', async () => {
  const script = `
    import { ServerProcess, tempDir } from '@sallyport/testing';
    const server = new ServerProcess('sh', ['-c', 'sleep 600 & echo $!; wait']);
    const folder = tempDir();
    while (!server.lines[0]) await new Promise((r) => setTimeout(r, 10));
    console.log(JSON.stringify({ pids: [server.pid, Number(server.lines[0])], folder }));
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
  });
  expect(signal).toBe('SIGKILL');
  const { pids, folder } = JSON.parse(stdout) as { pids: number[]; folder: string };
  expect(pids).toHaveLength(2);
  await waitFor(() => !pids.some(alive), { what: 'both processes to end' });
  await waitFor(
    () =>
      stat(folder).then(
        () => false,
        () => true,
      ),
    { what: 'the folder to go' },
  );
});
