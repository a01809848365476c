import { randomBytes } from 'node:crypto';
import { ResolveTokenV1, RevokeTokenV1, SignInV1 } from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { beforeAll, describe, expect, it } from 'vitest';
import { actor, clientAddress, createUser, sha256, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';
import { ADMIN } from '../running-asset.suite.js';
import { LIMITS } from './rate-limit.js';

export function signInRequests(running: () => RunningAsset): void {
  describe('sign-in', () => {
    let asset: RunningAsset;
    beforeAll(() => {
      asset = running();
    });
    const attempt = async (username: string, password: string, address: string, sealedFor?: string) => {
      const tokenHash = sha256(randomBytes(32));
      const sealed = await seal(asset.sealTo, Buffer.from(password), sealedFor ?? tokenHash);
      return asset.api.request(SignInV1, { username, password: sealed, clientAddress: address, tokenHash });
    };

    it('gives an identity for one call of the REST, for eight hours', async () => {
      const { expiresAt } = await attempt(ADMIN.username, ADMIN.password, clientAddress);
      expect((new Date(expiresAt).getTime() - Date.now()) / 3_600_000).toBeCloseTo(8, 1);
      const tokenHash = await signIn(asset);
      const resolved = await asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
      expect(resolved).toMatchObject({ username: ADMIN.username, roles: ['secret-admin', 'bastion-admin'] });
      const identity = await asset.verifier.identity(resolved.identity, 'rest');
      expect(identity).toMatchObject({ use: 'rest', userId: resolved.userId, method: 'token', clientAddress });
      await expect(asset.verifier.identity(resolved.identity, 'ssh')).rejects.toThrow();
    });

    it('ends when it is revoked, which may be repeated', async () => {
      const tokenHash = await signIn(asset);
      for (let i = 0; i < 2; i += 1) expect(await asset.api.request(RevokeTokenV1, { tokenHash })).toEqual({});
      const resolved = asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
      await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });
    });

    it('refuses in the same words, and records why', async () => {
      const reasons: unknown[] = [];
      for (const [username, password, sealedFor] of [
        ['judy', 'wrong password', undefined],
        ['admin', 'wrong password', undefined],
        ['admin', ADMIN.password, 'another token'],
      ] as const) {
        const answer = attempt(username, password, '198.51.100.1', sealedFor);
        await expect(answer).rejects.toMatchObject({
          code: 'sign-in.failed',
          message: 'user name, password or one-time code is wrong',
        });
        reasons.push((await asset.recorded('user.sign-in-failed')).at(-1)?.['reason']);
      }
      expect(reasons).toEqual(['unknown-user', 'wrong-password', 'malformed']);
    });

    it('counts failures by user name, for all addresses, also of a user that does not exist', async () => {
      for (const username of ['mallory', 'does-not-exist']) {
        if (username === 'mallory')
          await createUser(asset, await actor(asset, await signIn(asset)), { username, password: 'right password' });
        const guesses = Array.from({ length: LIMITS.perUser + 3 }, (_, i) =>
          attempt(username, 'wrong password', `203.0.113.${i + 1}`).catch((error: unknown) => error),
        );
        const codes = (await Promise.all(guesses)).map((error) => (error as { code: string }).code);
        expect(codes.filter((code) => code === 'sign-in.failed')).toHaveLength(LIMITS.perUser);
        const right = attempt(username, 'right password', '203.0.113.99');
        await expect(right).rejects.toMatchObject({
          code: 'sign-in.rate-limited',
          retryable: true,
          message: /try again in 15 minutes/,
        });
        expect((await asset.recorded('user.sign-in-failed')).at(-1)).toMatchObject({
          username,
          reason: 'rate-limited',
        });
      }
      await signIn(asset);
    });

    it('counts failures by address, for all user names, an IPv6 network being one', async () => {
      const from = (i: number): string => `2001:db8:7:7::${i.toString(16)}`;
      for (let done = 0; done < LIMITS.perAddress; done += 10)
        await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            attempt(`spray-${done + i}`, 'guess', from(done + i + 1)).catch(() => 0),
          ),
        );
      await expect(attempt(ADMIN.username, ADMIN.password, from(999))).rejects.toMatchObject({
        code: 'sign-in.rate-limited',
      });
      await attempt(ADMIN.username, ADMIN.password, '2001:db8:7:8::1');
    });

    it('forgets failures after their time', async () => {
      await expect(attempt('mallory', 'right password', clientAddress)).rejects.toMatchObject({
        code: 'sign-in.rate-limited',
      });
      await asset.postgres.query(`UPDATE failed_sign_ins SET at = at - interval '16 minutes'`, 'asset');
      await attempt('mallory', 'right password', clientAddress);
    });

    it('ends by itself when its time is over', async () => {
      const tokenHash = await signIn(asset);
      await asset.postgres.query(
        `UPDATE bearer_tokens SET expires_at = now() - interval '1 second' WHERE token_hash = '${tokenHash}'`,
        'asset',
      );
      const resolved = asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
      await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });
    });
  });
}
