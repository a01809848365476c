import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, tempDir, waitFor } from '@sallyport/testing';
import { expect, test } from 'vitest';
import { Supervisor } from '../supervisor/supervisor.js';
import { answers, NodeProcess } from './node-process.js';

/** A process of ours in small: answers, tells its environment, and dies when it is asked to. */
const SCRIPT = `
const { createServer } = require('node:http');
createServer(({ url }, response) => {
  if (url === '/die') process.kill(process.pid, 'SIGKILL');
  response.end(JSON.stringify({ pid: process.pid, names: Object.keys(process.env).sort() }));
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));`;

async function service(script: string): Promise<{ member: NodeProcess; url: string }> {
  const dir = tempDir();
  writeFileSync(join(dir, 'main.cjs'), script);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const member = new NodeProcess({
    name: 'asset',
    script: join(dir, 'main.cjs'),
    environment: () => ({ PORT: String(port) }),
    logFile: join(dir, 'asset.log'),
    isReady: () => answers(url),
  });
  return { member, url };
}

const look = async (url: string) => (await (await fetch(url)).json()) as { pid: number; names: string[] };

test('runs with its own environment alone, heals when it is killed, and is gone when it was stopped', async () => {
  const lines: string[] = [];
  const supervisor = new Supervisor({ say: (line) => lines.push(line), firstPauseMs: 10 });
  const { member, url } = await service(SCRIPT);
  await supervisor.start(member);
  const first = await look(url);
  expect(first.names).toEqual(['NODE_ENV', 'PATH', 'PORT']);

  await expect(fetch(`${url}/die`)).rejects.toThrow();
  await waitFor(() => lines.includes('asset is back'), { what: 'the service to be back' });
  expect(lines[0]).toBe('asset ended unexpectedly (SIGKILL); starting it again');
  const second = await look(url);
  expect(second.pid).not.toBe(first.pid);

  await supervisor.stop();
  expect(() => process.kill(second.pid, 0)).toThrow('ESRCH');
});

test('says which service did not start, where its log is, and what it said last', async () => {
  const { member } = await service(`console.error('bad settings: POSTGRES_URL is missing'); process.exitCode = 1;`);
  await expect(member.start()).rejects.toMatchObject({
    message: expect.stringMatching(/^asset ended at its start; its log is .*asset\.log\.$/) as string,
    details: 'bad settings: POSTGRES_URL is missing',
  });
});
