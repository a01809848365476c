import { randomUUID } from 'node:crypto';
import type { HostKeyMode } from '@sallyport/contracts';
import {
  AccountId,
  ApproveHostKeysV1,
  GetHostV1,
  GrantId,
  HostId,
  ImportHostsV1,
  ListHostKeyCandidatesV1,
  ListHostKeysV1,
  PinHostKeyV1,
  ProtocolPolicy,
  ReplaceHostKeysV1,
  ReplaceManyHostKeysV1,
  SessionId,
  UpdateHostV1,
  UserId,
} from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** How the first keys of hosts become pinned ones. */
export function hostKeyRequests(running: () => RunningAsset, cloud: CloudStub): void {
  describe('host keys before the first use', () => {
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    const newHost = async (hostKeyMode?: HostKeyMode): Promise<HostId> => {
      const instanceId = `i-host-key-${(count += 1)}`;
      cloud.instances = [describedInstance(instanceId)];
      const request = { actor: admin, regionId: 'cn-hangzhou', instanceIds: [instanceId] };
      const hostId = HostId.parse((await asset.api.request(ImportHostsV1, request)).results[0]?.hostId);
      if (hostKeyMode) await asset.api.request(UpdateHostV1, { actor: admin, hostId, hostKeyMode });
      return hostId;
    };
    /** As session does with a grant that names no key. */
    const show = async (hostId: HostId, key: Key, sessionId = randomUUID()) => {
      const grant = await asset.signer.grant({
        grantId: GrantId.parse(randomUUID()),
        sessionId: SessionId.parse(sessionId),
        userId: UserId.parse(randomUUID()),
        username: 'alice',
        clientAddress: '192.0.2.7',
        host: { hostId, name: 'web-1', address: '192.0.2.9', port: 22, hostKeys: [] },
        account: {
          accountId: AccountId.parse(randomUUID()),
          userName: 'root',
          kind: 'password',
          secretName: 's',
          regionId: 'cn-hangzhou',
        },
        sealTo: 'c2VhbA==',
        policy: ProtocolPolicy.parse({}),
        limits: {},
      });
      return asset.session.request(PinHostKeyV1, { grant, hostKey: key.blob.toString('base64') });
    };
    const pinned = async (hostId: HostId) =>
      (await asset.api.request(ListHostKeysV1, { actor: admin, hostId })).items.map((item) => item.fingerprint);
    const candidates = async (hostId?: HostId) =>
      (await asset.api.request(ListHostKeyCandidatesV1, { actor: admin, limit: 200, ...(hostId && { hostId }) })).items;
    const approve = (hostId: HostId, ...fingerprints: string[]) =>
      asset.api.request(ApproveHostKeysV1, { actor: admin, hostId, fingerprints });
    const recorded = async (name: string, hostId: HostId) =>
      (await asset.recorded(name)).filter((event) => event['hostId'] === hostId);
    beforeEach(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
    });

    it('C1: `approve`: the logon ends with fingerprint and remedy, again and again, until the key is approved', async () => {
      const [hostId, key, other] = [await newHost('approve'), new Key(), new Key()];
      const seen = fingerprint(key.blob);
      const sessionId = randomUUID();
      for (const session of [sessionId, randomUUID()])
        await expect(show(hostId, key, session)).rejects.toMatchObject({
          code: 'host-key.unknown',
          message: expect.stringMatching(`ssh-ed25519 ${seen.replaceAll('+', '\\+')}.*approve it`) as string,
        });
      await expect(show(hostId, other)).rejects.toMatchObject({ code: 'host-key.unknown' });
      expect(await pinned(hostId)).toEqual([]);
      expect(await candidates(hostId)).toContainEqual(
        expect.objectContaining({ type: 'ssh-ed25519', fingerprint: seen, sessionId }),
      );
      expect(await recorded('host-key.proposed', hostId)).toHaveLength(2);

      await expect(approve(hostId, seen, `SHA256:${'A'.repeat(43)}`)).rejects.toMatchObject({
        code: 'host-key.not-found',
      });
      expect(await pinned(hostId)).toEqual([]);
      expect((await approve(hostId, seen)).items).toMatchObject([{ fingerprint: seen, source: 'administrator' }]);
      expect(await recorded('host-key.approved', hostId)).toMatchObject([{ before: [], after: [seen] }]);
      expect((await show(hostId, key)).fingerprint).toBe(seen);
      await expect(show(hostId, other)).rejects.toMatchObject({ code: 'host-key.changed' });
      // What was not approved stays for the administrator to see, until the keys are replaced.
      expect(await candidates(hostId)).toMatchObject([{ fingerprint: fingerprint(other.blob) }]);
      await asset.api.request(ReplaceHostKeysV1, { actor: admin, hostId, publicKeys: [key.line] });
      expect(await candidates(hostId)).toEqual([]);
    });

    it('C1: `pre-loaded`: only what an administrator put is believed, and nothing can be approved', async () => {
      const [hostId, key] = [await newHost('pre-loaded'), new Key()];
      await expect(show(hostId, key)).rejects.toMatchObject({
        code: 'host-key.unknown',
        message: expect.stringContaining(fingerprint(key.blob)) as string,
      });
      expect(await recorded('host-key.refused', hostId)).toMatchObject([{ seen: fingerprint(key.blob), pinned: [] }]);
      expect(await candidates(hostId)).toEqual([]);
      await expect(approve(hostId, fingerprint(key.blob))).rejects.toMatchObject({ code: 'host-key.not-found' });
      await asset.api.request(ReplaceHostKeysV1, { actor: admin, hostId, publicKeys: [key.line] });
      expect((await show(hostId, key)).fingerprint).toBe(fingerprint(key.blob));
    });

    it('keeps a few candidates of a host that shows a new key each time, the latest ones', async () => {
      const hostId = await newHost('approve');
      const keys = Array.from({ length: 10 }, () => new Key());
      for (const key of keys) await expect(show(hostId, key)).rejects.toMatchObject({ code: 'host-key.unknown' });
      const kept = (await candidates(hostId)).map((candidate) => candidate.fingerprint);
      expect(kept.sort()).toEqual(
        keys
          .slice(2)
          .map((key) => fingerprint(key.blob))
          .sort(),
      );
    });

    it('lists the candidates of all hosts in pages', async () => {
      for (const hostId of [await newHost('approve'), await newHost('approve')])
        await expect(show(hostId, new Key())).rejects.toMatchObject({ code: 'host-key.unknown' });
      const all = await candidates();
      const paged: unknown[] = [];
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await asset.api.request(ListHostKeyCandidatesV1, {
          actor: admin,
          limit: 1,
          ...(cursor && { cursor }),
        });
        paged.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(all.length).toBeGreaterThan(1);
      expect(paged).toEqual(all);
    });

    it('C2, C4: an administrator replaces the keys of many hosts at once, with an answer and a record for each', async () => {
      const [one, two, absent] = [await newHost(), await newHost('pre-loaded'), HostId.parse(randomUUID())];
      const [old, fresh] = [new Key(), new Key()];
      await show(one, old);
      const { results } = await asset.api.request(ReplaceManyHostKeysV1, {
        actor: admin,
        items: [
          { hostId: one, publicKeys: [] },
          { hostId: absent, publicKeys: [fresh.line] },
          { hostId: two, publicKeys: [fresh.line] },
          { hostId: two, publicKeys: ['ssh-ed25519 AAAA not a key at all'] },
        ],
      });
      expect(results.map(({ hostId, code }) => [hostId, code])).toEqual([
        [one, 'OK'],
        [absent, 'OBJECT_NOT_FOUND'],
        [two, 'OK'],
        [two, 'INVALID_ARGUMENT'],
      ]);
      expect(await pinned(one)).toEqual([]);
      expect(await pinned(two)).toEqual([fingerprint(fresh.blob)]);
      expect(await recorded('host-key.replaced', one)).toMatchObject([{ before: [fingerprint(old.blob)], after: [] }]);
      expect(await recorded('host-key.replaced', two)).toHaveLength(1);
      // The forgotten host starts anew, the other one was verified before its first use.
      await show(one, fresh);
      await show(two, fresh);
    });

    it('a new host has the mode of the setting, and keeps its own when the setting changes', async () => {
      const modeOf = async (hostId: HostId) =>
        (await asset.api.request(GetHostV1, { actor: admin, hostId })).hostKeyMode;
      const hostId = await newHost();
      expect(await modeOf(hostId)).toBe('pin-on-first-use');
      await asset.api.request(UpdateHostV1, { actor: admin, hostId, hostKeyMode: 'approve' });
      expect(await modeOf(hostId)).toBe('approve');
      expect((await asset.recorded('host.updated')).at(-1)).toMatchObject({
        before: { hostKeyMode: 'pin-on-first-use' },
        after: { hostKeyMode: 'approve' },
      });
    });
  });
}
