import { softCertificate } from '@sallyport/ssh-keys/testing';
import { generateSync } from 'otplib';
import { beforeEach, describe, expect, it } from 'vitest';
import { newSecret } from '../factor/one-time-code.js';
import { LIMITS } from '../sign-in/rate-limit.js';
import type { Claim, Evidence } from './evidence.js';
import {
  aliceKey,
  bobKey,
  ca,
  certified,
  cipher,
  connection,
  LogonDoor,
  password,
  sealed,
  signature,
  verifier,
} from './logon-door.suite.js';

let door: LogonDoor;
beforeEach(async () => {
  door = await LogonDoor.open();
});

describe('A7: a user with one-time codes', () => {
  let secret: string;
  beforeEach(async () => {
    secret = newSecret();
    const encryptedSecret = cipher.encrypt(Buffer.from(secret), door.alice.id);
    await door.factors.begin({ userId: door.alice.id, encryptedSecret, status: 'pending', createdAt: door.now });
  });
  const first = async (evidence: Evidence, claim: Partial<Claim> = {}): Promise<string> => {
    const answer = await door.answerTo('alice', evidence, claim);
    if (!('firstFactor' in answer)) throw new Error('no code was asked for');
    return answer.firstFactor;
  };
  const codeAt = (at: Date): string => generateSync({ secret, epoch: Math.floor(at.getTime() / 1_000) });
  const code = async (firstFactor: string, digits = codeAt(door.now), aad = connection): Promise<Evidence> => ({
    method: 'code',
    code: await sealed(digits, aad),
    firstFactor,
  });

  it('is not asked while they are not confirmed', async () => {
    await door.prove('alice', await password('correct horse'));
  });

  describe('that are confirmed', () => {
    beforeEach(() => door.factors.activate(door.alice.id));

    it.each(['password', 'publickey'] as const)('needs a code after the %s', async (method) => {
      const evidence = method === 'password' ? await password('correct horse') : signature(aliceKey.key, 'alice');
      const firstFactor = await first(evidence);
      expect(door.audit.named('user.authenticated')).toEqual([]);
      expect(door.audit.named('user.factor-accepted')).toMatchObject([{ userId: door.alice.id, method, connection }]);
      const identity = await verifier.identity(await door.prove('alice', await code(firstFactor)), 'ssh');
      expect(identity).toMatchObject({ userId: door.alice.id, method, secondFactor: 'totp', connection });
      expect(door.audit.named('user.authenticated')).toMatchObject([
        { userId: door.alice.id, method, secondFactor: 'totp' },
      ]);
    });

    it('is held to the terms of a certificate after the code as well', async () => {
      const terms = { principals: ['alice'], criticalOptions: [['force-command', 'uptime'] as const] };
      const blob = softCertificate(ca, aliceKey.key.publicKeyBlob, terms);
      const sign = (data: Buffer) => aliceKey.key.sign('ssh-ed25519', data);
      const firstFactor = await first(certified(blob, 'ssh-ed25519-cert-v01@openssh.com', sign));
      const { certificate } = await verifier.identity(await door.prove('alice', await code(firstFactor)), 'ssh');
      expect(certificate).toMatchObject({ forceCommand: 'uptime', permits: { terminal: false } });
    });

    it('is refused with a wrong code, and let in with the right one after it', async () => {
      const firstFactor = await first(await password('correct horse'));
      const wrong = codeAt(door.now) === '000000' ? '000001' : '000000';
      expect(await door.refused(door.prove('alice', await code(firstFactor, wrong)))).toBe('wrong-code');
      await door.prove('alice', await code(firstFactor));
    });

    it('uses a code once, and none that is earlier', async () => {
      await door.prove('alice', await code(await first(await password('correct horse'))));
      const again = await first(await password('correct horse'));
      expect(await door.refused(door.prove('alice', await code(again)))).toBe('replayed');
      const earlier = codeAt(new Date(door.now.getTime() - 30_000));
      expect(await door.refused(door.prove('alice', await code(again, earlier)))).toBe('replayed');
      const later = codeAt(new Date(door.now.getTime() + 30_000));
      await door.prove('alice', await code(again, later));
    });

    it('uses a first factor for one logon', async () => {
      const firstFactor = await first(await password('correct horse'));
      await door.prove('alice', await code(firstFactor));
      const later = codeAt(new Date(door.now.getTime() + 30_000));
      expect(await door.refused(door.prove('alice', await code(firstFactor, later)))).toBe('replayed');
    });

    it('is believed no first factor of another connection, address or user, no identity for one, and no code sealed for others', async () => {
      const firstFactor = await first(await password('correct horse'));
      const otherConnection = 'f'.repeat(64);
      const onOther = await code(firstFactor, codeAt(door.now), otherConnection);
      expect(await door.refused(door.prove('alice', onOther, { connection: otherConnection }))).toBe('malformed');
      expect(await door.refused(door.prove('alice', await code(firstFactor), { clientAddress: '192.0.2.8' }))).toBe(
        'malformed',
      );
      expect(await door.refused(door.prove('bob', await code(firstFactor)))).toBe('malformed');
      expect(await door.refused(door.prove('alice', onOther))).toBe('malformed');
      const bob = await door.prove('bob', signature(bobKey.key, 'bob'));
      for (const forged of [bob, '', 'e30.e30.e30'])
        expect(await door.refused(door.prove('alice', await code(forged)))).toBe('malformed');
      await expect(verifier.identity(firstFactor, 'ssh')).rejects.toMatchObject({ code: 'access.unauthenticated' });
    });

    it('is not looked at any more after so many wrong codes, from wherever they came', async () => {
      await door.prove('alice', await code(await first(signature(aliceKey.key, 'alice'))));
      for (let i = 0; i < LIMITS.codesPerUser; i += 1) {
        const clientAddress = `198.51.100.${i}`;
        const firstFactor = await first(await password('correct horse'), { clientAddress });
        await door.refused(door.prove('alice', await code(firstFactor, 'x'), { clientAddress }));
      }
      const later = codeAt(new Date(door.now.getTime() + 30_000));
      const attempt = door.prove('alice', await code(await first(await password('correct horse')), later));
      await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', retryable: true });
      expect(door.audit.named('user.authentication-failed').at(-1)).toMatchObject({
        method: 'code',
        reason: 'rate-limited',
      });
    });
  });
});
