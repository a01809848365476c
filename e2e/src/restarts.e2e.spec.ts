import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ListRecordingsRoute, serviceNames, type RecordingStatus } from '@sallyport/contracts';
import { waitFor } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { allAreStored, eventsStored, eventsTaken } from './support/event-counts.js';
import { isInStream } from './support/recording-stream.js';
import { newOperator, sessionOf } from './support/operator.js';
import { allServe, killAndWait, type ProcessName } from './support/processes.js';
import { local, signInAs } from './support/sallyport.js';

const behind: readonly ProcessName[] = [
  ...serviceNames.filter((name) => name !== 'session'),
  'postgresql',
  'nats-server',
];

describe('the loss of a service', () => {
  it.each(behind)(
    'H2: kill -9 of %s: a running session goes on, and the next logon works without help',
    async (service) => {
      const { host, port } = local.ssh;
      const options = [
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'LogLevel=ERROR',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
      ];
      const shell = spawn(
        'ssh',
        [
          '-F',
          'none',
          '-p',
          String(port),
          '-i',
          local.users.alice.privateKeyFile,
          ...options,
          `alice@root@web-1@${host}`,
          'cat',
        ],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      const ended = new Promise((resolve) => shell.once('exit', resolve));
      const lines: string[] = [];
      createInterface(shell.stdout).on('line', (line) => lines.push(line));
      shell.stdin.write('before\n');
      await waitFor(() => lines.includes('before'), { what: 'the session' });
      await killAndWait(service);
      await allServe();
      shell.stdin.end('after\n');
      await waitFor(() => lines.includes('after'), { what: 'the session after the loss' });
      expect(await ended).toBe(0);
    },
  );

  it('F5: kill -9 of session: the next logon works without help, and what was recorded until then can be played', async () => {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const operator = await newOperator(admin);
    const shell = operator.shell();
    shell.type('echo before-$((40 + 2))\n');
    await shell.sees('before-42');
    const sessionId = await sessionOf(auditor, operator.userId, 'active');
    const recordingIs = (wanted: RecordingStatus): Promise<boolean> =>
      waitFor(
        async () => {
          const { items } = await auditor.call(ListRecordingsRoute, { params: { sessionId } });
          return items.length === 1 && items[0]?.status === wanted;
        },
        // Audit was killed before, and what it held then comes again after a minute.
        { what: `the recording to be ${wanted}`, timeoutMs: 120_000 },
      );
    await recordingIs('recording');
    // What a crash can take with it is half a second, and a moment on the way into the stream.
    await isInStream(sessionId, 'before-42');
    await killAndWait('session');
    expect(await shell.ended).not.toBe(0);
    await allServe();
    await recordingIs('lost');
    const { text } = await auditor.raw('GET', `/v1/sessions/${sessionId}/recording`);
    expect(text).toContain('before-42');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/"m","lost: its recording ended here"\]$/);
  });

  it('kill -9 of all services at once: nothing that was acknowledged is lost', async () => {
    const taken = await eventsTaken();
    await Promise.all(serviceNames.map(killAndWait));
    await allServe();
    await allAreStored();
    expect(await eventsStored()).toBeGreaterThan(taken);
  });
});
