import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { SshWriter } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../sign-in/rate-limit.js';
import type { Evidence } from './evidence.js';
import {
  aliceEcKey,
  aliceKey,
  bobKey,
  connection,
  LogonDoor,
  newKey,
  password,
  signature,
  verifier,
} from './logon-door.suite.js';

let door: LogonDoor;
beforeEach(async () => {
  door = await LogonDoor.open();
});

const strangeKey = newKey('ed25519');

describe('AuthenticateUser', () => {
  it.each(['alice@root@web-1', 'alice+root+web-1', 'alice@web-1', 'alice'])(
    'believes a signature for the user name %s',
    async (name) => {
      const identity = await verifier.identity(await door.prove(name, signature(aliceKey.key, name)), 'ssh');
      expect(identity).toMatchObject({ userId: door.alice.id, username: 'alice', method: 'publickey', connection });
      expect(door.audit.named('user.authenticated')).toMatchObject([
        { userId: door.alice.id, connection, method: 'publickey' },
      ]);
    },
  );

  it('believes a password that was sealed for this connection', async () => {
    const identity = await verifier.identity(await door.prove('alice@web-1', await password('correct horse')), 'ssh');
    expect(identity).toMatchObject({ userId: door.alice.id, method: 'password', connection });
  });

  it('A5: takes who signed, never who was offered: alice’s key does not make bob, nor a key of nobody', async () => {
    expect(await door.refused(door.prove('bob', signature(aliceKey.key, 'bob')))).toBe('unknown-key');
    expect(await door.refused(door.prove('alice', signature(strangeKey.key, 'alice')))).toBe('unknown-key');
    expect(await door.refused(door.prove('alice', signature(aliceKey.key, 'alice', { signAs: strangeKey.key })))).toBe(
      'bad-signature',
    );
    const asBob = await verifier.identity(await door.prove('bob', signature(bobKey.key, 'bob')), 'ssh');
    expect(asBob.username).toBe('bob');
  });

  it.each([
    ['another connection', { sessionId: randomBytes(32) }],
    ['another user name', { userName: 'alice@db-1' }],
    ['another service', { serviceName: 'ssh-userauth' }],
  ])('refuses a signature for %s', async (_, blob) => {
    expect(await door.refused(door.prove('alice', signature(aliceKey.key, 'alice', blob)))).toBe('malformed');
  });

  it('refuses a user name whose USER is not the one that is asked for', async () => {
    expect(
      await door.refused(door.prove('alice@web-1', signature(aliceKey.key, 'alice@web-1'), { username: 'bob' })),
    ).toBe('malformed');
  });

  it('refuses what does not parse', async () => {
    const junk: Evidence = { method: 'publickey', signed: 'AAAA', signature: '' };
    expect(await door.refused(door.prove('alice', junk))).toBe('malformed');
    const sealedForOther = await password('correct horse', 'f'.repeat(64));
    expect(await door.refused(door.prove('alice', sealedForOther))).toBe('malformed');
  });

  it('refuses a wrong password, an unknown user and a user without a password in the same words', async () => {
    expect(await door.refused(door.prove('alice', await password('wrong horse')))).toBe('wrong-password');
    expect(await door.refused(door.prove('nobody', await password('correct horse')))).toBe('unknown-user');
    expect(await door.refused(door.prove('bob', await password('')))).toBe('wrong-password');
    expect(await door.refused(door.prove('nobody', signature(aliceKey.key, 'nobody')))).toBe('unknown-user');
  });

  it('refuses a locked user, but tells auditors only when the evidence was good', async () => {
    await door.users.save({ ...door.alice, status: 'locked' });
    expect(await door.refused(door.prove('alice', signature(aliceKey.key, 'alice')))).toBe('locked');
    expect(await door.refused(door.prove('alice', await password('correct horse')))).toBe('locked');
    expect(await door.refused(door.prove('alice', await password('wrong horse')))).toBe('wrong-password');
  });

  it('takes the same evidence once', async () => {
    for (const evidence of [signature(aliceKey.key, 'alice'), await password('correct horse')]) {
      await door.prove('alice', evidence);
      expect(await door.refused(door.prove('alice', evidence))).toBe('replayed');
    }
  });

  it('takes a turned-round ECDSA signature over the same bytes as the same evidence', async () => {
    const evidence = signature(aliceEcKey.key, 'alice');
    if (evidence.method !== 'publickey') throw new Error('unexpected');
    await door.prove('alice', evidence);
    const twin = otherSignature(aliceEcKey.pem, evidence.signed);
    expect(twin).not.toBe(evidence.signature);
    expect(await door.refused(door.prove('alice', { ...evidence, signature: twin }))).toBe('replayed');
  });

  it('decides nothing that cannot be recorded', async () => {
    door.audit.fail();
    const evidence = await password('correct horse');
    await expect(door.prove('alice', evidence)).rejects.toMatchObject({ code: 'audit.unavailable' });
    await expect(door.prove('alice', await password('wrong horse'))).rejects.toMatchObject({
      code: 'audit.unavailable',
    });
  });
});

describe('A9: a user whom a rule keeps out', () => {
  it.each([
    ['expired', { validUntil: '2026-01-01T00:00:00.000Z' }],
    ['not-yet-valid', { validFrom: '2126-01-01T00:00:00.000Z' }],
    ['denied-address', { allowedAddresses: ['198.51.100.0/24'] }],
    [
      'out-of-hours',
      { logonHours: { timeZone: 'UTC', windows: [{ days: ['monday' as const], from: '03:00', until: '03:01' }] } },
    ],
  ])('is refused as %s in the same words as everybody', async (reason, rules) => {
    door.now = new Date('2026-11-24T10:00:00Z');
    await door.users.save({ ...door.alice, ...rules });
    expect(await door.refused(door.prove('alice', signature(aliceKey.key, 'alice')))).toBe(reason);
    expect(await door.refused(door.prove('alice', await password('correct horse')))).toBe(reason);
    expect(await door.refused(door.prove('alice', await password('wrong horse')))).toBe('wrong-password');
  });
});

describe('A6: somebody who guesses passwords', () => {
  it('is not heard any more after so many; keys go on working, and so does who has been there before', async () => {
    await door.prove('alice', await password('correct horse'), { clientAddress: '203.0.113.7' });
    for (let i = 0; i < LIMITS.perUser; i += 1)
      expect(
        await door.refused(door.prove('alice', await password('guess'), { clientAddress: `198.51.100.${i}` })),
      ).toBe('wrong-password');
    const attempt = door.prove('alice', await password('correct horse'));
    await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', message: /try again in 15 minutes/ });
    expect(door.audit.named('user.authentication-failed').at(-1)).toMatchObject({ reason: 'rate-limited' });
    await door.prove('alice', signature(aliceKey.key, 'alice'));
    await door.prove('alice', await password('correct horse'), { clientAddress: '203.0.113.7' });
  });

  it('counts no key that is unknown or signs wrongly', async () => {
    for (let i = 0; i < LIMITS.perAddress; i += 1) {
      const key = newKey('ed25519');
      expect(await door.refused(door.prove('alice', signature(key.key, 'alice')))).toBe('unknown-key');
    }
    await door.prove('alice', await password('correct horse'));
  });
});

/** ECDSA makes another signature each time; both verify. */
function otherSignature(pem: string, signed: string): string {
  const raw = sign('sha256', Buffer.from(signed, 'base64'), { key: createPrivateKey(pem), dsaEncoding: 'ieee-p1363' });
  const numbers = new SshWriter().mpint(raw.subarray(0, 32)).mpint(raw.subarray(32)).bytes();
  return new SshWriter().string('ecdsa-sha2-nistp256').string(numbers).bytes().toString('base64');
}
