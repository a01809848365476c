import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ListRecordingsRoute, ShowCheckpointRoute, type SessionId } from '@sallyport/contracts';
import { run, tempDir, testSize, waitFor, type RestClient } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { allAreStored, eventsStored } from './support/event-counts.js';
import { newOperator, type Operator } from './support/operator.js';
import { queryAudit } from './support/places.js';
import { allServe, killAndWait, type ProcessName } from './support/processes.js';
import { local, signInAs } from './support/sallyport.js';
import { keptByWitness } from './support/witness.js';

const program = fileURLToPath(new URL('../../tools/sallyport.mjs', import.meta.url));
/** How often each is killed, and how many log on side by side meanwhile. */
const rounds = testSize('CHAOS_ROUNDS', 1);
const people = testSize('CHAOS_PEOPLE', 2);
const victims: readonly ProcessName[] = ['audit', 'nats-server', 'postgresql', 'session'];

let auditor: RestClient;
let operator: Operator;
beforeAll(async () => {
  const admin = await signInAs('admin');
  [auditor, operator] = await Promise.all([signInAs('auditor'), newOperator(admin)]);
});

/** Logs on again and again until told to stop. @returns the words that were said in sessions that ended as they should */
async function logOnAgain(person: number, stopped: () => boolean): Promise<string[]> {
  const seen: string[] = [];
  for (let i = 0; !stopped(); i += 1) {
    const word = `word-${person}-${i}-`;
    const { code, stdout } = await operator.run(`echo ${word}$((6 * 7))`, ['-tt']);
    if (code === 0 && stdout.includes(`${word}42`)) seen.push(`${word}42`);
  }
  return seen;
}

describe('chaos', () => {
  it(
    `kill -9 of ${victims.join(', ')} in turn under load: what was taken is in the log, each once; it verifies, and every session can be played (F5)`,
    async () => {
      let over = false;
      const load = Array.from({ length: people }, (_, person) => logOnAgain(person, () => over));
      for (let round = 0; round < rounds; round += 1)
        for (const victim of victims) {
          await killAndWait(victim);
          await waitFor(async () => (await operator.run('true')).code === 0, {
            what: `logons without ${victim}`,
            timeoutMs: 120_000,
          });
        }
      over = true;
      const words = (await Promise.all(load)).flat();
      expect(words.length).toBeGreaterThan(0);

      await allServe();
      await allAreStored();
      const [counts] = await queryAudit(
        'SELECT count(*) AS n, count(DISTINCT id) AS ids, max(sequence) AS last FROM event',
      );
      expect([counts?.['ids'], counts?.['last']]).toEqual([counts?.['n'], counts?.['n']]);
      await everySessionPlays(words);
      await verifies();
    },
    600_000 + rounds * 240_000,
  );
});

/**
 * Each word was said in one session, and is in its recording, which is over: its session said so, or its process was killed. What
 * an audit that was killed had in hand of a recording comes to the next one after a minute.
 */
async function everySessionPlays(words: readonly string[]): Promise<void> {
  const missing = await waitFor(
    async () => {
      const played = await playAll();
      const notPlayed = words.filter((word) => !played.includes(word));
      // A session process takes half a second with it: what it had shown, and not said that it had recorded.
      for (const word of notPlayed) expect(await isEnded(word), word).toBe(false);
      return notPlayed;
    },
    { what: 'each session that told of its recording to be played', timeoutMs: 150_000, everyMs: 1_000 },
  );
  expect(missing.length).toBeLessThanOrEqual(people * rounds);
}

/** All that is recorded of the operator's sessions, once it is over. */
async function playAll(): Promise<string> {
  const rows = await queryAudit(
    `SELECT DISTINCT session_id AS id FROM recording WHERE user_id = '${operator.userId}' AND kind = 'terminal'`,
  );
  let played = '';
  for (const sessionId of rows.map(({ id }) => id as SessionId)) {
    const items = await waitFor(
      async () => {
        const { items } = await auditor.call(ListRecordingsRoute, { params: { sessionId } });
        return items.every(({ status }) => status !== 'recording') && items;
      },
      { what: `the recording of ${sessionId}`, timeoutMs: 120_000 },
    );
    const { status, text } = await auditor.raw('GET', `/v1/sessions/${sessionId}/recording`);
    // One that had shown nothing when its process was killed is none.
    expect(status, text).toBe(items.length > 0 ? 200 : 404);
    if (items.length > 0) played += text;
  }
  return played;
}

/** Whether the session in which a word was said has told the log that it is recorded. */
async function isEnded(word: string): Promise<boolean> {
  const [command = ''] = /^word-\d+-\d+-/.exec(word) ?? [];
  const rows = await queryAudit(
    `SELECT 1 FROM event WHERE type = 'io.sallyport.recording.ended.v1' AND user_id = '${operator.userId}' AND session_id IN (
       SELECT session_id FROM event WHERE type = 'io.sallyport.channel.opened.v1' AND position('${command}' IN body) > 0)`,
  );
  return rows.length > 0;
}

async function verifies(): Promise<void> {
  const size = await eventsStored();
  await waitFor(async () => (await auditor.call(ShowCheckpointRoute)).size >= size, {
    what: 'a checkpoint of all of it',
    timeoutMs: 60_000,
  });
  const witness = await keptByWitness();
  const { status, text } = await auditor.raw('GET', '/v1/audit/export');
  expect(status, text.slice(0, 500)).toBe(200);
  const file = join(tempDir(), 'audit.ndjson');
  writeFileSync(file, text);
  const args = ['verify', file, '--key', local.audit.verifierKey, '--witness', witness];
  const options = { timeoutMs: 240_000 };
  expect(await run(process.execPath, [program, ...args], options)).toMatchObject({ code: 0, stderr: '' });
}
