import { randomUUID } from 'node:crypto';
import { HostId, ListHostKeysV1, PinHostKeyV1, ReplaceHostKeysV1, ReportHostKeyV1 } from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it } from 'vitest';
import { wayToAGrant } from '../access/way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { Key } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** The host keys that a grant carries: pinned, changed, replaced. */
export function pinningRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the way to a grant', () => {
    const way = wayToAGrant(running, cloud, broker, 'pinning');
    const { newHost, newUser, authorize, logOn } = way;

    describe('host keys', () => {
      const show = (grant: string, shown: Key) => ({ grant, hostKey: shown.blob.toString('base64') });
      let grants: () => Promise<string>;
      let hostId: HostId;
      beforeEach(async () => {
        const host = await newHost('10.2.0.1', 'root');
        hostId = host.hostId;
        const username = `keys-${host.name}`;
        await newUser(username, hostId);
        grants = async () => authorize(await logOn(username), host.name);
      });
      const pinned = async () => (await way.asset.api.request(ListHostKeysV1, { actor: way.admin, hostId })).items;

      it('C2: the first one wins, also when several are shown at once; another one is refused and reported', async () => {
        const shown = [new Key(), new Key(), new Key()];
        const tokens = await Promise.all(shown.map(() => grants()));
        const answers = await Promise.allSettled(
          shown.map((one, i) => way.asset.session.request(PinHostKeyV1, show(tokens[i] ?? '', one))),
        );
        const winners = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.fingerprint : []));
        expect(winners).toHaveLength(1);
        expect(await pinned()).toMatchObject([{ fingerprint: winners[0], source: 'first-use' }]);
        for (const answer of answers)
          if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'host-key.changed' });
        const events = (await way.asset.recorded('host-key.refused')).filter((event) => event['hostId'] === hostId);
        expect(events).toHaveLength(2);
        expect(events[0]).toMatchObject({ pinned: winners });
        expect(
          (await way.asset.recorded('host-key.pinned')).filter((event) => event['hostId'] === hostId),
        ).toHaveLength(1);
      });

      it('are in every further grant, and are attested again to a grant from before', async () => {
        const shown = new Key();
        const [first, second] = [await grants(), await grants()];
        await way.asset.session.request(PinHostKeyV1, show(first, shown));
        await way.asset.session.request(PinHostKeyV1, show(second, shown));
        expect((await way.asset.verifier.grant(await grants())).host.hostKeys).toEqual([fingerprint(shown.blob)]);
      });

      it('that changed are reported, which changes nothing', async () => {
        const [known, changed] = [new Key(), new Key()];
        await way.asset.session.request(PinHostKeyV1, show(await grants(), known));
        const grant = await grants();
        await way.asset.session.request(ReportHostKeyV1, show(grant, changed));
        expect((await way.asset.recorded('host-key.refused')).at(-1)).toMatchObject({
          hostId,
          keyType: 'ssh-ed25519',
          seen: fingerprint(changed.blob),
          pinned: [fingerprint(known.blob)],
        });
        await expect(way.asset.session.request(PinHostKeyV1, show(grant, changed))).rejects.toMatchObject({
          code: 'host-key.changed',
        });
        expect(await pinned()).toMatchObject([{ fingerprint: fingerprint(known.blob) }]);
      });

      it('are replaced by an administrator, on record; none lets the next logon pin anew', async () => {
        const [known, replacement] = [new Key(), new Key()];
        await way.asset.session.request(PinHostKeyV1, show(await grants(), known));
        const replace = (...lines: string[]) =>
          way.asset.api.request(ReplaceHostKeysV1, { actor: way.admin, hostId, publicKeys: lines });
        const { items } = await replace(replacement.line, known.line);
        expect(items.map((item) => [item.fingerprint, item.source]).sort()).toEqual(
          [
            [fingerprint(known.blob), 'first-use'],
            [fingerprint(replacement.blob), 'administrator'],
          ].sort(),
        );
        expect((await way.asset.verifier.grant(await grants())).host.hostKeys).toHaveLength(2);
        const stale = await grants();
        expect((await replace()).items).toEqual([]);
        expect((await way.asset.recorded('host-key.replaced')).at(-1)).toMatchObject({ hostId, after: [] });
        await expect(way.asset.session.request(PinHostKeyV1, show(stale, new Key()))).rejects.toMatchObject({
          code: 'host-key.changed',
        });
        await way.asset.session.request(PinHostKeyV1, show(await grants(), new Key()));

        await expect(replace('ssh-ed25519 AAAA not a key at all')).rejects.toMatchObject({ code: 'request.invalid' });
        await expect(replace(known.line, known.line)).rejects.toMatchObject({ code: 'request.invalid' });
        const noHost = { actor: way.admin, hostId: HostId.parse(randomUUID()) };
        await expect(way.asset.api.request(ListHostKeysV1, noHost)).rejects.toMatchObject({ code: 'host.not-found' });
        await expect(way.asset.api.request(ReplaceHostKeysV1, { ...noHost, publicKeys: [] })).rejects.toMatchObject({
          code: 'host.not-found',
        });
      });

      it('are not pinned without a grant, nor when they are no keys', async () => {
        const junk = { grant: await grants(), hostKey: 'AAAA' };
        await expect(way.asset.session.request(PinHostKeyV1, junk)).rejects.toMatchObject({ code: 'request.invalid' });
        for (const contract of [PinHostKeyV1, ReportHostKeyV1] as const)
          await expect(way.asset.session.request(contract, show('e30.e30.e30', new Key()))).rejects.toMatchObject({
            code: 'grant.invalid',
          });
        const operations = (await way.asset.recorded('token.refused')).map((event) => event['operation']);
        expect(operations.slice(-2)).toEqual([PinHostKeyV1.subject, ReportHostKeyV1.subject]);
        expect(await pinned()).toEqual([]);
      });
    });
  });
}
