import { randomUUID } from 'node:crypto';
import { ProtocolPolicy, SessionId, UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { SshWriter } from '@sallyport/ssh-keys';
import { ChannelOpenFailure } from '@sallyport/ssh-wire';
import type { GlobalAnswer, IncomingGlobalRequest, OpenRequest } from '@sallyport/ssh-wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { ForwardRecord } from './forward-record.js';
import { Forwards } from './forwards.js';

const everything = { localForward: true, remoteForward: true, streamlocal: true, agent: true, x11: true };
const of = { sessionId: SessionId.parse(randomUUID()), userId: UserId.parse(randomUUID()) };
const place = (host: string, port: number): Buffer => new SshWriter().string(host).uint32(port).bytes();
const between = (port: number): Buffer => Buffer.concat([place('localhost', port), place('192.0.2.1', 1_024)]);

let audit: RecordingAuditPublisher;
/** Types of the channels that were asked for, by side. */
let opened: { target: string[]; client: string[] };
/** What the target answers to global requests. */
let answer: GlobalAnswer;
beforeEach(() => {
  audit = new RecordingAuditPublisher();
  opened = { target: [], client: [] };
  answer = { success: true };
});

/** Both sides take note of what they are asked, and open nothing: resource shortage. */
function makeForwards(policy: object, visitor?: object): Forwards {
  const open = (side: 'target' | 'client') => (type: string) => {
    opened[side].push(type);
    return Promise.reject(new ChannelOpenFailure(4, 'full'));
  };
  let channels = 0;
  const session = {
    forwards: () => new ForwardRecord(audit, of),
    nextChannel: () => channels++,
    relayed: () => undefined,
  };
  return new Forwards(
    { policy: ProtocolPolicy.parse(policy), session, explain: (error) => String(error), active: () => undefined },
    { open: open('target'), request: () => Promise.resolve(answer) },
    visitor ?? { open: open('client') },
  );
}

/** @returns the reason with which the channel was refused */
async function ask(
  forwards: Forwards,
  side: 'client' | 'target',
  type: string,
  payload = between(80),
): Promise<number | undefined> {
  let refused: number | undefined;
  const request: OpenRequest = {
    type,
    payload,
    accept: () => {
      throw new Error('nothing is opened here');
    },
    refuse: (reason) => (refused = reason),
  };
  await (side === 'client' ? forwards.fromClient(request) : forwards.fromTarget(request));
  return refused;
}

async function listen(forwards: Forwards, name: string, payload: Buffer): Promise<GlobalAnswer | undefined> {
  let got: GlobalAnswer | undefined;
  const request: IncomingGlobalRequest = { name, wantReply: true, payload, reply: (one) => (got = one) };
  await forwards.onGlobalRequest(request);
  return got;
}

describe('Forwards', () => {
  it('D17: let through what policy permits, each kind apart, and give the other side’s reason', async () => {
    const kinds = { 'direct-tcpip': 'localForward', 'direct-streamlocal@openssh.com': 'streamlocal' };
    for (const [type, needed] of Object.entries(kinds)) {
      expect(await ask(makeForwards({ [needed]: true }), 'client', type)).toBe(4);
      expect(opened.target).toEqual([type]);
      opened.target = [];
      expect(await ask(makeForwards({ ...everything, [needed]: false }), 'client', type)).toBe(1);
      expect(opened.target).toEqual([]);
    }
    expect(audit.named('forward.opened')).toHaveLength(2);
    expect(audit.named('forward.closed')).toMatchObject([{ openFailure: 4 }, { openFailure: 4 }]);
    expect(audit.named('forward.refused')[0]).toMatchObject({
      kind: 'direct-tcpip',
      destination: 'localhost:80',
      origin: '192.0.2.1:1024',
      reason: expect.stringContaining('localForward') as string,
    });
  });

  it('take from the target only what the client asked for, however the policy is', async () => {
    const forwards = makeForwards(everything);
    const types = ['forwarded-tcpip', 'forwarded-streamlocal@openssh.com', 'auth-agent@openssh.com', 'x11'];
    for (const type of types) expect(await ask(forwards, 'target', type), type).toBe(1);
    expect(opened.client).toEqual([]);
    expect(audit.named('forward.refused')).toHaveLength(4);

    forwards.ask('agent');
    forwards.ask('x11');
    await listen(forwards, 'tcpip-forward', place('', 80));
    await listen(forwards, 'streamlocal-forward@openssh.com', new SshWriter().string('/tmp/s').bytes());
    const path = new SshWriter().string('/tmp/s').string('').bytes();
    for (const type of types)
      expect(await ask(forwards, 'target', type, type.includes('stream') ? path : between(80))).toBe(4);
    expect(opened.client).toEqual(types);
    expect(await ask(forwards, 'target', 'forwarded-tcpip', between(81))).toBe(1);
  });

  it('know a port that the target chose, and forget it when the client cancels', async () => {
    const forwards = makeForwards(everything);
    answer = { success: true, data: new SshWriter().uint32(4_711).bytes() };
    expect(await listen(forwards, 'tcpip-forward', place('', 0))).toEqual(answer);
    expect(await ask(forwards, 'target', 'forwarded-tcpip', between(4_711))).toBe(4);
    expect(await ask(forwards, 'target', 'forwarded-tcpip', between(0))).toBe(1);
    answer = { success: true };
    await listen(forwards, 'cancel-tcpip-forward', place('', 4_711));
    expect(await ask(forwards, 'target', 'forwarded-tcpip', between(4_711))).toBe(1);
    expect(audit.named('listener.opened')).toMatchObject([{ address: ':0', port: 4_711 }]);
    expect(audit.named('listener.closed')).toMatchObject([{ reason: 'cancelled' }]);
  });

  it('do not take connections of a target that refused to listen', async () => {
    const forwards = makeForwards(everything);
    answer = { success: false };
    expect(await listen(forwards, 'tcpip-forward', place('', 80))).toEqual({ success: false });
    expect(await ask(forwards, 'target', 'forwarded-tcpip')).toBe(1);
    expect(audit.named('listener.closed')).toMatchObject([{ reason: 'target-refused' }]);
  });

  it('D17: do not ask the target to listen where policy does not permit it', async () => {
    const forwards = makeForwards({ localForward: true, agent: true });
    expect(await listen(forwards, 'tcpip-forward', place('0.0.0.0', 80))).toEqual({ success: false });
    const path = new SshWriter().string('/tmp/s').bytes();
    expect(await listen(forwards, 'streamlocal-forward@openssh.com', path)).toEqual({ success: false });
    expect(audit.named('listener.refused')).toMatchObject([{ address: '0.0.0.0:80' }, { address: '/tmp/s' }]);
    expect(audit.named('listener.requested')).toEqual([]);
  });

  it('do nothing that cannot be recorded', async () => {
    const forwards = makeForwards(everything);
    audit.fail();
    expect(await ask(forwards, 'client', 'direct-tcpip')).toBe(1);
    expect(await listen(forwards, 'tcpip-forward', place('', 80))).toEqual({ success: false });
    expect(opened.target).toEqual([]);
    audit.fail(false);
    expect(await ask(forwards, 'target', 'forwarded-tcpip')).toBe(1);
  });

  it('refuse what is malformed or of no known type, and channels for which nobody is there', async () => {
    const forwards = makeForwards(everything, {});
    expect(await ask(forwards, 'client', 'direct-tcpip', Buffer.from([0, 0, 0, 9]))).toBe(3);
    expect(await ask(forwards, 'client', 'tun@openssh.com')).toBe(3);
    expect(await listen(forwards, 'tcpip-forward', Buffer.alloc(3))).toEqual({ success: false });
    expect(await listen(forwards, 'hostkeys-prove-00@openssh.com', Buffer.alloc(3))).toEqual({ success: false });
    forwards.ask('agent');
    expect(await ask(forwards, 'target', 'auth-agent@openssh.com')).toBe(1);
  });

  it('tell of each refused destination once, and of not more than two hundred', async () => {
    const forwards = makeForwards({});
    for (let i = 0; i < 300; i += 1)
      for (let twice = 0; twice < 2; twice += 1) await ask(forwards, 'client', 'direct-tcpip', between(i));
    expect(audit.named('forward.refused')).toHaveLength(200);
  });
});
