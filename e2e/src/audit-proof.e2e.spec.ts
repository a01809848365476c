import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ListEventsRoute, ProveConsistencyRoute, ProveEventRoute, ShowCheckpointRoute } from '@sallyport/contracts';
import { run, tempDir, waitFor, type RestClient } from '@sallyport/testing';
import { includes, isBeginningOf, leafHash, NoteVerifier, openCheckpoint } from '@sallyport/transparency';
import { beforeAll, describe, expect, it } from 'vitest';
import { local, signInAs, sshAs } from './support/sallyport.js';
import { keptByWitness } from './support/witness.js';

const program = fileURLToPath(new URL('../../tools/sallyport.mjs', import.meta.url));
const dir = tempDir();
const file = join(dir, 'audit.ndjson');
const key = new NoteVerifier(local.audit.verifierKey);
const bytes = (base64: string) => Buffer.from(base64, 'base64');
let auditor: RestClient;
let exported: string;
/** What the witness had kept before the export. */
let witness: string;

const verify = (path: string, ...more: string[]) =>
  run(process.execPath, [program, 'verify', path, '--key', local.audit.verifierKey, ...more], { timeoutMs: 120_000 });
async function save(query = ''): Promise<string> {
  const { status, text, headers } = await auditor.raw('GET', `/v1/audit/export${query}`);
  expect(status, text.slice(0, 500)).toBe(200);
  expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  writeFileSync(file, text);
  return text;
}
/** Waits until a checkpoint covers what has happened so far. */
async function sealed(): Promise<void> {
  const { items } = await auditor.call(ListEventsRoute, { query: { order: 'desc', limit: 1 } });
  const last = items[0]?.sequence ?? 0;
  await waitFor(async () => (await auditor.call(ShowCheckpointRoute)).size >= last, {
    what: `a checkpoint of ${last}`,
  });
}

beforeAll(async () => {
  auditor = await signInAs('auditor');
  const [instance] = local.instances;
  expect(await sshAs(`alice@${instance?.name ?? ''}`, { command: 'true' })).toMatchObject({ code: 0 });
  await sealed();
  witness = await keptByWitness();
  exported = await save();
});

describe('an auditor who has the log’s key', () => {
  it('F7: verifies offline what the log exports, and what its witness kept', async () => {
    const { code, stdout, stderr } = await verify(file, '--witness', witness);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^verified: all \d+ events of the log: as they were recorded\n$/);
  });

  it('F7: is told the place of whatever was changed, cut, swapped or deleted', async () => {
    const lines = exported.split('\n');
    const at = lines.findIndex((line) => line.startsWith('{"sequence":12,'));
    const line = lines[at] ?? '';
    const edits: [string, string, RegExp][] = [
      [
        'a byte changed',
        exported.replace(line, line.replace('"specversion":"1.0"', '"specversion":"1.1"')),
        /event 12 was changed/,
      ],
      ['a byte deleted', exported.replace(line, line.replace('specversion', 'specverson')), /event 12 was changed/],
      ['an event deleted', exported.replace(`${line}\n`, ''), /event 12 is missing/],
      [
        'two events swapped',
        exported.replace(`${line}\n${lines[at + 1] ?? ''}`, `${lines[at + 1] ?? ''}\n${line}`),
        /event 12 is missing/,
      ],
      ['the end cut', exported.slice(0, exported.indexOf(line) + 40), /cut/],
      ['the end cut at a line', exported.slice(0, exported.indexOf(line)), /event 12 is the first of \d+ missing/],
      ['the file emptied', '', /empty/],
    ];
    for (const [what, text, said] of edits) {
      expect(text, what).not.toBe(exported);
      const path = join(dir, 'tampered.ndjson');
      writeFileSync(path, text);
      const { code, stderr } = await verify(path);
      expect(stderr, what).toMatch(said);
      expect(code, what).toBe(1);
    }
  });

  it('F7: sees that an older state of the log is shown', async () => {
    const older = exported;
    await signInAs('auditor');
    await sealed();
    writeFileSync(file, older);
    await waitFor(
      async () => (await verify(file, '--witness', local.audit.witnessFile)).stderr.includes('rolled back'),
      { what: 'the witness to know more than the older export', timeoutMs: 60_000 },
    );
    expect((await verify(file)).code).toBe(0);
  });

  it('F7: can check a part, and a selection, and is not deceived by a part that poses as the whole', async () => {
    await save('?first=5&last=9');
    expect(await verify(file, '--first', '5', '--last', '9')).toMatchObject({ code: 0 });
    expect(await verify(file)).toMatchObject({ code: 1 });
    await save('?type=io.sallyport.user.signed-in.v1');
    expect(await verify(file, '--selection')).toMatchObject({ code: 0 });
    expect((await verify(file)).stderr).toContain('events were left out');
  });

  it('can ask for the proof of one event, and of the log’s growth', async () => {
    const before = openCheckpoint(key, (await auditor.call(ShowCheckpointRoute)).checkpoint);
    const proven = await auditor.call(ProveEventRoute, { query: { sequence: 3 } });
    const head = openCheckpoint(key, proven.checkpoint);
    const body = /^\{"sequence":3,"event":(.*)\}$/m.exec(exported)?.[1] ?? '';
    expect(leafHash(Buffer.from(body))).toEqual(bytes(proven.leafHash));
    expect(includes(bytes(proven.leafHash), 2, head.size, proven.proof.map(bytes), head.root)).toBe(true);
    const grown = await auditor.call(ProveConsistencyRoute, { query: { first: before.size } });
    expect(isBeginningOf(before, openCheckpoint(key, grown.checkpoint), grown.proof.map(bytes))).toBe(true);
  });

  it('is refused where he is no auditor', async () => {
    const alice = await signInAs('alice');
    for (const path of ['export', 'checkpoint', 'proof?sequence=1'])
      expect((await alice.raw('GET', `/v1/audit/${path}`)).status).toBe(403);
    expect((await auditor.raw('GET', '/v1/audit/proof?sequence=99999999')).json).toMatchObject({
      code: 'event.not-found',
    });
  });
});
