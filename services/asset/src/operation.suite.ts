import { generateKeyPairSync } from 'node:crypto';
import { waitFor } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { signIn } from './people.suite.js';
import type { RunningAsset } from './running-asset.suite.js';

/** How the process starts, and lives with the failures of others. */
export function operation(running: () => RunningAsset): void {
  describe('the process', () => {
    it('does not start with keys that do not belong together, and says so without a word of a key', async () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const ASSET_SIGNING_PUBLIC_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const start = running().startReplica({ ASSET_SIGNING_PUBLIC_KEY });
      await expect(start).rejects.toThrow(/ASSET_SIGNING_PUBLIC_KEY is not the public half/);
      await expect(start).rejects.not.toThrow(/BEGIN/);
    });

    it('does not start with half a pair of settings, or plain http to the cloud', async () => {
      const start = running().startReplica({
        ASSET_BOOTSTRAP_ADMIN_PASSWORD: '',
        ECS_ENDPOINT: 'http://ecs.cn-hangzhou.aliyuncs.com',
      });
      await expect(start).rejects.toThrow(/ECS_ENDPOINT: must be https, except on loopback/);
      const halves = running().startReplica({ ASSET_BOOTSTRAP_ADMIN_PASSWORD: '', ALIBABA_CLOUD_ACCESS_KEY_ID: '' });
      await expect(halves).rejects.toThrow(
        /ASSET_BOOTSTRAP_ADMIN_PASSWORD is missing.*ALIBABA_CLOUD_ACCESS_KEY_ID is missing/,
      );
    });

    it('H2: needs no help after a restart of PostgreSQL', async () => {
      const asset = running();
      await asset.postgres.kill();
      await expect(signIn(asset)).rejects.toMatchObject({ code: 'internal' });
      await asset.postgres.restart();
      await waitFor(() => signIn(asset), { what: 'asset to reach PostgreSQL again' });
    });

    it('makes the first administrator once, whoever starts later', async () => {
      const asset = running();
      const replica = await asset.startReplica({ ASSET_BOOTSTRAP_ADMIN_USERNAME: 'another-admin' });
      const made = (await asset.recorded('user.created')).filter((event) => event['actorId'] === undefined);
      expect(made).toMatchObject([{ user: { username: 'admin', roles: ['secret-admin', 'bastion-admin'] } }]);
      expect((await replica.stop({ graceMs: 60_000 })).code).toBe(0);
    });
  });
}
