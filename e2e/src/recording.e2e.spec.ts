import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AddPublicKeyRoute,
  CreateAuthorizationRoute,
  DeleteAuthorizationRoute,
  GetSessionRoute,
  ListPublicKeysRoute,
  ListRecordingsRoute,
  RemovePublicKeyRoute,
  ShowCheckpointRoute,
  TerminateSessionRoute,
  UpdateAuthorizationRoute,
  UpdateUserRoute,
  Weekday,
  type SessionId,
} from '@sallyport/contracts';
import { readEvent } from '@sallyport/recording';
import { run, tempDir, waitFor, type RestClient } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { newOperator, sessionOf, type Operator } from './support/operator.js';
import { home, local, signInAs } from './support/sallyport.js';

const program = fileURLToPath(new URL('../../tools/sallyport.mjs', import.meta.url));
let admin: RestClient;
let auditor: RestClient;
let operator: Operator;
let newest: SessionId | undefined;

beforeAll(async () => {
  [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
  operator = await newOperator(admin);
});

const castOf = (client: RestClient, sessionId: SessionId) => client.raw('GET', `/v1/sessions/${sessionId}/recording`);
const stored = (sessionId: SessionId) =>
  waitFor(
    async () => {
      const { items } = await auditor.call(ListRecordingsRoute, { params: { sessionId } });
      return items.length > 0 && items.every(({ status }) => status === 'complete');
    },
    { what: 'the recording in the store' },
  );
const said = (cast: string): string =>
  cast
    .split('\n')
    .slice(1)
    .flatMap((line) => (line === '' ? [] : (readEvent(line) ?? [])))
    .filter(({ code }) => code === 'o')
    .map(({ data }) => data)
    .join('');
/** A session that was recorded, and is in the store. */
async function recorded(command: string): Promise<SessionId> {
  expect(await operator.run(command, ['-tt'])).toMatchObject({ code: 0 });
  const sessionId = await sessionOf(auditor, operator.userId, 'closed', newest);
  newest = sessionId;
  await stored(sessionId);
  return sessionId;
}
const closedBecause = async (sessionId: SessionId) =>
  (await eventsOf(auditor, 'session.closed', ({ data }) => data['sessionId'] === sessionId))[0]?.data['reason'];

describe('a recording', () => {
  it('F9: is played by an auditor and by its own user, each time on record, and by nobody else', async () => {
    const sessionId = await recorded('printf "ä€ %s\\n" recorded; seq 1 3');
    const cast = await castOf(auditor, sessionId);
    expect(cast.status).toBe(200);
    expect(said(cast.text)).toContain('ä€ recorded\r\n1\r\n2\r\n3\r\n');
    expect((await castOf(operator.rest, sessionId)).text).toBe(cast.text);
    const views = await eventsOf(auditor, 'recording.viewed', ({ data }) => data['sessionId'] === sessionId, 2);
    expect(views.map(({ data }) => [data['username'], data['how']]).sort()).toEqual([
      ['auditor', 'replay'],
      [operator.username, 'replay'],
    ]);
    const other = await newOperator(admin);
    expect((await castOf(other.rest, sessionId)).json).toMatchObject({ status: 404, code: 'session.not-found' });
    expect((await castOf(admin, sessionId)).json).toMatchObject({ status: 403, code: 'access.forbidden' });
  });

  it('F7: is verified with the log that the same Sallyport exports; its tampered twins are not, and the chunk is named', async () => {
    const sessionId = await recorded('seq 1 50; sleep 0.7; seq 51 100; sleep 0.7; echo last');
    const [last] = await eventsOf(auditor, 'recording.stored', ({ data }) => data['sessionId'] === sessionId);
    await waitFor(async () => (await auditor.call(ShowCheckpointRoute)).size >= (last?.sequence ?? 0), {
      what: 'a checkpoint of all of it',
    });
    const dir = tempDir();
    const [log, file] = [join(dir, 'audit.ndjson'), join(dir, 's.cast')];
    writeFileSync(log, (await auditor.raw('GET', `/v1/audit/export?sessionId=${sessionId}`)).text);
    const { text } = await castOf(auditor, sessionId);
    const verify = (cast: string) => {
      writeFileSync(file, cast);
      const against = ['--key', local.audit.verifierKey, '--recordings', join(home, 'recordings')];
      return run(process.execPath, [program, 'verify', log, ...against, '--selection', '--recording', file]);
    };
    expect(await verify(text)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('1 stored recordings: all there') as string,
    });
    const lines = text.trimEnd().split('\n');
    const { items: recordings } = await auditor.call(ListRecordingsRoute, { params: { sessionId } });
    const lastChunk = new RegExp(`chunk ${recordings[0]?.chunkCount ?? 0}`);
    for (const [what, twin, where] of [
      ['a byte changed', text.replace('last\\r', 'lost\\r'), lastChunk],
      ['its beginning changed', text.replace('"width"', '"Width"'), /chunk 1/],
      ['an event deleted', text.replace(`${lines.at(1) ?? ''}\n`, ''), /chunk 1/],
      ['the end cut', text.replace(`${lines.at(-1) ?? ''}\n`, ''), lastChunk],
    ] as const) {
      expect(twin, what).not.toBe(text);
      const { code, stderr } = await verify(twin);
      expect(stderr, what).toMatch(where);
      expect(code, what).toBe(1);
    }
  });
});

describe('a session that goes on', () => {
  it('F9, E5: is watched live, on record; it is ended with a reason, and its user kept out for as long as was said', async () => {
    const shell = operator.shell();
    shell.type('echo before-$((40 + 2))\n');
    await shell.sees('before-42');
    const sessionId = await sessionOf(auditor, operator.userId, 'active');
    const watching = await watch(sessionId);
    await waitFor(() => watching.text().includes('before-42'), { what: 'the screen so far' });
    shell.type('echo after-$((40 + 2))\n');
    await waitFor(() => watching.text().includes('after-42'), { what: 'what is shown now' });
    await eventsOf(
      auditor,
      'recording.viewed',
      ({ data }) => data['sessionId'] === sessionId && data['how'] === 'live',
    );
    expect((await operator.rest.raw('GET', `/v1/sessions/${sessionId}/live`)).status).toBe(403);
    const body = { reason: 'the change window is over', keepOutSeconds: 20 };
    await expect(operator.rest.call(TerminateSessionRoute, { params: { sessionId }, body })).rejects.toMatchObject({
      problem: { code: 'access.forbidden' },
    });
    await auditor.call(TerminateSessionRoute, { params: { sessionId }, body });
    expect(await shell.ended).not.toBe(0);
    expect(shell.shown()).toContain('the change window is over');
    expect(refusal((await operator.run('true')).stderr)).toMatchObject({ code: 'access.kept-out' });
    await watching.ended;
    expect(watching.events()).toContain('end');
    expect(await closedBecause(sessionId)).toBe('terminated');
    await waitFor(async () => (await operator.run('true')).code === 0, {
      what: 'the user to be let in',
      timeoutMs: 60_000,
    });
  });

  it.each([
    [
      'the authorization that it stands on is taken away',
      ({ authorizationId }: Operator) => admin.call(DeleteAuthorizationRoute, { params: { authorizationId } }),
      ({ userId, hostId }: Operator) => admin.call(CreateAuthorizationRoute, { body: { userId, hostId } }),
    ],
    [
      'the key that its user logged on with is removed',
      async ({ userId }: Operator) => {
        const { items } = await admin.call(ListPublicKeysRoute, { params: { userId } });
        for (const { id } of items) await admin.call(RemovePublicKeyRoute, { params: { userId, publicKeyId: id } });
      },
      ({ userId, publicKey }: Operator) => admin.call(AddPublicKeyRoute, { params: { userId }, body: { publicKey } }),
    ],
    [
      'its user is locked',
      ({ userId }: Operator) => admin.call(UpdateUserRoute, { params: { userId }, body: { status: 'locked' } }),
      ({ userId }: Operator) => admin.call(UpdateUserRoute, { params: { userId }, body: { status: 'active' } }),
    ],
    [
      'the time of its authorization is over',
      ({ authorizationId }: Operator) => {
        const validUntil = new Date(Date.now() + 3_000).toISOString();
        return admin.call(UpdateAuthorizationRoute, { params: { authorizationId }, body: { validUntil } });
      },
      ({ authorizationId }: Operator) =>
        admin.call(UpdateAuthorizationRoute, { params: { authorizationId }, body: { validUntil: null } }),
    ],
    [
      'its user is out of hours',
      ({ userId }: Operator) => {
        const day = Weekday.options[(new Date().getUTCDay() + 2) % 7] ?? 'monday';
        const logonHours = { timeZone: 'UTC', windows: [{ days: [day], from: '00:00', until: '24:00' }] };
        return admin.call(UpdateUserRoute, { params: { userId }, body: { logonHours } });
      },
      ({ userId }: Operator) => admin.call(UpdateUserRoute, { params: { userId }, body: { logonHours: null } }),
    ],
  ] as const)(
    'E4: ends when %s, and the user is let in again only when that is undone',
    async (_what, take, giveBack) => {
      const person = await newOperator(admin);
      const shell = person.shell();
      shell.type('echo before-$((40 + 2))\n');
      await shell.sees('before-42');
      const sessionId = await sessionOf(auditor, person.userId, 'active');
      await take(person);
      expect(await shell.ended).not.toBe(0);
      expect(refusal(shell.shown())).toMatchObject({ code: 'session.revoked' });
      expect(await closedBecause(sessionId)).toBe('revoked');
      expect((await person.run('true')).code).toBe(255);
      await giveBack(person);
      await waitFor(async () => (await person.run('true')).code === 0, { what: 'the user to be let in' });
      expect(await auditor.call(GetSessionRoute, { params: { sessionId } })).toMatchObject({ status: 'closed' });
    },
  );
});

/** Follows a session as an auditor does, until it ends. Its recording begins with a message to audit. */
async function watch(sessionId: SessionId) {
  await waitFor(async () => (await auditor.call(ListRecordingsRoute, { params: { sessionId } })).items.length > 0, {
    what: 'the recording to begin',
  });
  const answer = await fetch(`${local.api}/v1/sessions/${sessionId}/live`, {
    headers: { authorization: `Bearer ${auditor.token ?? ''}` },
    signal: AbortSignal.timeout(180_000),
  });
  expect(answer.status).toBe(200);
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  const ended = read();
  return { text: () => text, events: () => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name), ended };
}
