import { BeginTotpRoute, ConfirmTotpRoute } from '@sallyport/contracts';
import { canRunSshd } from '@sallyport/testing';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { anonymous } from './support/sallyport.js';
import { isIn, openDoor, refusedWith, type Door } from './support/door.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`who may log on, at a real sshd ${JSON.stringify(why)}`, () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  describe('one-time codes', () => {
    /** Somebody who has just confirmed the code of a time step; each later one's is good as well, once, and so is that of the next. */
    const newUserWithCodes = async () => {
      const user = await door.newUser();
      const self = await anonymous.signIn(user.username, user.password);
      const { secret } = await self.call(BeginTotpRoute, {});
      const now = Math.floor(Date.now() / 1_000);
      await self.call(ConfirmTotpRoute, { body: { code: generateSync({ secret, epoch: now }) } });
      const code = () => generateSync({ secret, epoch: Math.max(now + 30, Math.floor(Date.now() / 1_000)) });
      return { ...user, code };
    };

    it('A7: password, then code; a code is good once, a password alone never', async () => {
      const { username, password, code: nextCode, logOn } = await newUserWithCodes();
      const alone = await logOn({ password, args: ['-o', 'BatchMode=yes'] });
      expect(alone).toMatchObject({ code: 255, stdout: '' });
      const wrong = nextCode() === '000000' ? '000001' : '000000';
      expect(refusedWith(await logOn({ password, code: wrong, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await door.recorded(username, 'wrong-code');
      const code = nextCode();
      expect(await logOn({ password, code })).toMatchObject(isIn);
      expect(refusedWith(await logOn({ password, code, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await door.recorded(username, 'replayed');
    });

    it('A7: key, as partial success, then code; a key alone never', async () => {
      const { username, code, withKey } = await newUserWithCodes();
      expect(await withKey()).toMatchObject({ code: 255, stdout: '' });
      const result = await withKey({ code: code(), args: ['-v'] });
      expect(result).toMatchObject(isIn);
      expect(result.stderr).toContain('Authenticated using "publickey" with partial success');
      const [event] = await eventsOf(door.auditor, 'user.authenticated', ({ data }) => data['username'] === username);
      expect(event?.data).toMatchObject({ method: 'publickey', secondFactor: 'totp' });
    });
  });
});
