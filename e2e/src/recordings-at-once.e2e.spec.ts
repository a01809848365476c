import { chmodSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '@sallyport/contracts';
import { mustRun, sshInProcess, tempDir, testSize, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { newOperator } from './support/operator.js';
import { queryAudit } from './support/places.js';
import { local, signInAs } from './support/sallyport.js';

const count = testSize('ENDING_SESSIONS', 20);
const atOnce = 10;

it(
  `F10: ${count} sessions that end at the same moment leave as many recordings, each whole`,
  async () => {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const { destination, privateKeyFile, userId } = await newOperator(admin);
    const gate = join(tempDir(0o755), 'gate');
    await mustRun('mkfifo', [gate]);
    chmodSync(gate, 0o666);
    const recordings = () =>
      queryAudit(`SELECT session_id, status, chunk_count FROM recording WHERE user_id = '${userId}'`);
    const inStatus = (status: string, wanted: number) =>
      waitFor(async () => (await recordings()).filter((one) => one['status'] === status).length === wanted, {
        what: `${wanted} recordings that are ${status}`,
        timeoutMs: 60_000 + count * 100,
      });
    const sessions: ReturnType<typeof sshInProcess>[] = [];
    while (sessions.length < count) {
      for (let i = 0; i < atOnce && sessions.length < count; i += 1) {
        // Nobody comes through before somebody has opened the gate from the other side.
        const command = `echo word-$((${sessions.length} + 1000000)); read -r _ <${gate}; exit 0`;
        sessions.push(sshInProcess({ destination, port: local.ssh.port, privateKeyFile, command, timeoutMs: 600_000 }));
      }
      await inStatus('recording', sessions.length);
    }
    closeSync(openSync(gate, 'w'));
    const results = await Promise.all(sessions);
    expect(results.filter(({ code }) => code !== 0)).toEqual([]);
    await inStatus('complete', count);
    const words = new Set<string>();
    for (const row of await recordings()) {
      const sessionId = row['session_id'] as SessionId;
      const { text } = await auditor.raw('GET', `/v1/sessions/${sessionId}/recording`);
      words.add(/"o","(word-\d+)/.exec(text)?.[1] ?? '');
    }
    expect([...words].sort()).toEqual(Array.from({ length: count }, (_, i) => `word-${1_000_000 + i}`));
  },
  120_000 + count * 1_000,
);
