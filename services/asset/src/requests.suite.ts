import { allRequests, Role } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { actor, createUser, signIn } from './people.suite.js';
import type { RunningAsset } from './running-asset.suite.js';

const ours = allRequests
  .filter((request) => request.subject.startsWith('asset.'))
  .map((request) => ({
    ...request,
    as: request.callers.includes('session') ? ('session' as const) : ('api' as const),
  }));
/** What everybody may do for themselves is open to all roles. */
const administrative = ours.filter(({ roles }) => roles !== undefined && roles.length < Role.options.length);

/** What holds for every request that asset answers. */
export function everyRequest(running: () => RunningAsset): void {
  describe('every request', () => {
    it.each(ours)('$subject is answered, and refused when it does not fit', async ({ subject, as, roles }) => {
      const code = roles ? 'access.unauthenticated' : 'request.invalid';
      expect(await running().raw(as, subject, {})).toMatchObject({ err: { code } });
    });

    it('of an administrator is refused to everyone else, and that is recorded', async () => {
      const asset = running();
      const password = 'correct horse battery';
      const admin = await actor(asset, await signIn(asset));
      expect(administrative.length).toBeGreaterThan(20);
      for (const group of new Set(administrative.map(({ roles }) => roles?.join('-or-') ?? ''))) {
        const guarded = administrative.filter(({ roles }) => roles?.join('-or-') === group);
        const others = Role.options.filter((role) => !guarded[0]?.roles?.includes(role));
        const username = `not-${group}`;
        await createUser(asset, admin, { username, roles: others, password });
        const identity = await actor(asset, await signIn(asset, username, password));
        for (const { subject, as, roles } of guarded) {
          const answer = await asset.raw(as, subject, { actor: identity });
          expect(answer, subject).toMatchObject({ err: { code: 'access.forbidden' } });
          const facts = { operation: subject, required: roles };
          expect((await asset.recorded('request.refused')).at(-1)).toMatchObject(facts);
        }
      }
    });

    it('of an administrator is refused with an identity that asset did not sign, or that is for SSH', async () => {
      const asset = running();
      const claims = await asset.verifier.identity(await actor(asset, await signIn(asset)), 'rest');
      for (const identity of ['e30.e30.e30', await asset.signer.identity({ ...claims, use: 'ssh' }, 60)])
        for (const { subject, as } of administrative)
          expect(await asset.raw(as, subject, { actor: identity }), subject).toMatchObject({
            err: { code: 'access.unauthenticated' },
          });
    });
  });
}
