import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { SessionId } from '@sallyport/contracts';
import { mustRun, sshInProcess, tempDir, testSize, waitFor, type RunResult } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { newOperator } from './support/operator.js';
import { queryAudit } from './support/places.js';
import { local, signInAs } from './support/sallyport.js';

const count = testSize('ENDING_SESSIONS', 20);
const atOnce = 10;

/** Lets those through who wait there now. */
function open(gate: string): void {
  try {
    closeSync(openSync(gate, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error; // nobody waits
  }
}

it(
  `F10: ${count} sessions that end at the same moment leave as many recordings, each whole`,
  async () => {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const { destination, privateKeyFile, userId } = await newOperator(admin);
    const gate = join(tempDir(0o755), 'gate');
    await mustRun('mkfifo', [gate]);
    chmodSync(gate, 0o666);
    const recordings = () => queryAudit(`SELECT session_id, status FROM recording WHERE user_id = '${userId}'`);
    const options = { what: 'all recordings', timeoutMs: 120_000 + count * 200 };
    let isOpen = false;
    const logOn = async (number: number): Promise<RunResult> => {
      // Nobody comes through before somebody has opened the gate from the other side.
      const command = `echo word-$((${number} + 1000000)); read -r _ <${gate}; exit 0`;
      for (let tries = 0; ; tries += 1) {
        const to = { destination, port: local.ssh.port, privateKeyFile, command, timeoutMs: 1_800_000 };
        const result = await sshInProcess(to);
        // Who comes faster than a busy machine can take is refused, and tries again.
        if (result.code !== 255 || isOpen || tries >= 10) return result;
        await setTimeout(1_000);
      }
    };
    const sessions: Promise<RunResult>[] = [];
    while (sessions.length < count) {
      for (let i = 0; i < atOnce && sessions.length < count; i += 1) sessions.push(logOn(sessions.length));
      await waitFor(async () => (await recordings()).length === sessions.length, options);
    }
    isOpen = true;
    const opening = setInterval(open, 100, gate);
    const results = await Promise.all(sessions).finally(() => {
      clearInterval(opening);
    });
    expect(results.filter(({ code }) => code !== 0)).toEqual([]);
    await waitFor(async () => (await recordings()).every(({ status }) => status === 'complete'), options);
    const words = new Set<string>();
    for (const row of await recordings()) {
      const sessionId = row['session_id'] as SessionId;
      const { text } = await auditor.raw('GET', `/v1/sessions/${sessionId}/recording`);
      words.add(/"o","(word-\d+)/.exec(text)?.[1] ?? '');
    }
    expect([...words].sort()).toEqual(Array.from({ length: count }, (_, i) => `word-${1_000_000 + i}`));
  },
  480_000 + count * 1_000,
);
