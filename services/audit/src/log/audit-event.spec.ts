import { randomUUID } from 'node:crypto';
import { allEvents } from '@sallyport/contracts';
import { leafHash } from '@sallyport/transparency';
import { describe, expect, it } from 'vitest';
import { readEvent } from './audit-event.js';

const event = {
  specversion: '1.0',
  id: randomUUID(),
  type: 'io.sallyport.session.opened.v1',
  source: '/sallyport/session',
  time: '2026-01-02T03:04:05.678Z',
  datacontenttype: 'application/json',
  data: {
    sessionId: randomUUID(),
    userId: 'no id',
    actorId: randomUUID(),
    secretName: 'acs/ecs/web-1',
    secretVersionId: 'v7',
  },
};
const read = (changes: object, subject = 'audit.session.opened') =>
  readEvent({ subject, data: Buffer.from(JSON.stringify({ ...event, ...changes })) });

describe('a message of the audit stream', () => {
  it('is an event with the ids that it can be found by, and its text as it came', () => {
    const body = `${JSON.stringify(event)}  `;
    expect(readEvent({ subject: 'audit.session.opened', data: Buffer.from(body) })).toEqual({
      id: event.id,
      type: event.type,
      source: event.source,
      subject: undefined,
      time: new Date(event.time),
      sessionId: event.data.sessionId,
      userId: undefined,
      actorId: event.data.actorId,
      hostId: undefined,
      accountId: undefined,
      secretName: 'acs/ecs/web-1',
      secretVersionId: 'v7',
      command: undefined,
      data: event.data,
      body,
      leafHash: leafHash(Buffer.from(body)),
    });
  });

  it('is one line, since an export has a line for each', () => {
    const data = Buffer.from(JSON.stringify(event, undefined, 1));
    expect(readEvent({ subject: 'audit.session.opened', data })).toEqual({ reason: 'more than one line' });
  });

  it('is believed from each service that its contract names, and from no other', () => {
    for (const { type, subject, sources } of allEvents)
      for (const service of ['api', 'asset', 'secret-broker', 'session', 'audit'] as const)
        expect('reason' in read({ type, source: `/sallyport/${service}` }, subject), `${type} of ${service}`).toBe(
          !sources.includes(service),
        );
  });

  it('may be of a kind, or of a version, that is not known here yet', () => {
    expect(read({ type: 'io.sallyport.host.moved.v1' }, 'audit.host.moved')).not.toHaveProperty('reason');
    expect(read({ type: 'io.sallyport.session.opened.v2' })).not.toHaveProperty('reason');
  });

  it.each([
    [{ type: 'io.sallyport.user.created.v1' }, /came on/],
    [{ type: 'session.opened' }, /type/],
    [{ specversion: '2.0' }, /specversion/],
    [{ data: [] }, /data/],
    [{ time: 'yesterday' }, /time/],
    [{ time: '1969-12-31T23:59:59Z' }, /time/],
    [{ subject: 'x'.repeat(257) }, /subject/],
    [{ source: 'a\u0000' }, /source/],
    [{ data: { deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown } }, /deep/],
  ])('is no event with %j', (changes, reason) => {
    expect(read(changes)).toHaveProperty('reason', expect.stringMatching(reason));
  });
});
