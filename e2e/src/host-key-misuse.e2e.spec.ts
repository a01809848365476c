import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { fingerprint } from '@sallyport/ssh-keys';
import { SshTarget } from '@sallyport/ssh-wire';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { hostKey, shown, strangeKey, Captive } from './support/captive.js';
import { type Grant, type Shown } from './support/captured-session.js';
import { newHostKey, registerSilentHost } from './support/silent-host.js';

let captive: Captive;
beforeAll(async () => {
  captive = await Captive.take();
});
beforeEach(() => {
  captive.beginStory();
});
afterAll(() => captive.end());

describe('a session process that does as it should', () => {
  it('B13: is let in by a target with the key that stays at the broker', async () => {
    const grant = await captive.session.grant('web-2', 'deploy');
    const { replica, kind } = await captive.session.prepare(grant.token);
    expect(kind).toBe('ssh-key');
    const { address, port, hostKeys } = grant.claims.host;
    let attestation: string | undefined;
    const target = await SshTarget.connect(connect({ host: address, port }), {
      ident: 'captured',
      handshakeTimeoutMs: 20_000,
      keepalive: { intervalMs: 15_000, maxMissed: 3 },
      verifyHostKey: async (key) => {
        if (hostKeys.length > 0) expect(hostKeys).toContain(fingerprint(key));
        else attestation = await captive.attest(grant, key);
      },
    });
    await target.authenticate('deploy', async (refusal) => {
      if (refusal) return undefined;
      const { hostKey: key, sessionId: targetSessionId, hostKeySignature } = target;
      const connection = {
        hostKey: key,
        targetSessionId,
        hostKeySignature,
        ...(attestation === undefined ? {} : { attestation }),
      };
      const released = await captive.session.open(replica, grant, connection);
      if (released.kind !== 'ssh-key') throw new Error('not a key');
      const { publicKey, algorithms } = released;
      const sign = (bytes: Buffer) => captive.session.sign(replica, grant, bytes);
      return { method: 'publickey', publicKey: Buffer.from(publicKey, 'base64'), algorithms, sign };
    });
    target.disconnect(11, 'done');
    await eventsOf(captive.auditor, 'credential.signed', ({ data }) => data['grantId'] === grant.claims.grantId);
  });

  it('B13: can open the password that was sealed to it, for that grant and host key alone', async () => {
    const { grant, released } = await captive.opened('root');
    if (released.kind !== 'password') throw new Error('not a password');
    const { grantId } = grant.claims;
    const password = await grant.sealing.open(released.password, `${grantId} ${fingerprint(hostKey.publicKeyBlob)}`);
    expect(password.toString()).toBe(captive.host.password);
    const [known, another] = [hostKey, newHostKey()].map(({ publicKeyBlob }) => fingerprint(publicKeyBlob));
    for (const other of [`${randomUUID()} ${known}`, `${grantId} ${another}`])
      await expect(grant.sealing.open(released.password, other)).rejects.toThrow('does not open');
  });
});

describe('B13: no credential without the right host key', () => {
  async function expectUnverified(grant: Grant, connection: Shown, reason: string): Promise<void> {
    const { replica } = await captive.session.prepare(grant.token);
    const { grantId } = grant.claims;
    await captive.expectRefused(captive.session.open(replica, grant, connection), 'open', 'host-key.unverified', {
      grantId,
      reason,
    });
  }

  it('is released for a key that is not pinned, nor for what is no key', async () => {
    await expectUnverified(
      await captive.keyGrant(),
      shown({ key: newHostKey() }),
      'none of those that the grant names',
    );
    await expectUnverified(await captive.keyGrant(), shown({ hostKey: Buffer.from('no key') }), 'is not one');
  });

  it('is released when the host did not sign this very exchange, whatever session says', async () => {
    const reason = 'has not signed the exchange';
    const { hostKeySignature } = shown();
    await expectUnverified(await captive.keyGrant(), shown({ hostKeySignature }), reason);
    const { publicKeyBlob } = hostKey;
    await expectUnverified(await captive.keyGrant(), shown({ key: newHostKey(), hostKey: publicKeyBlob }), reason);
  });

  it('is released at a first use with an attestation of this key, for this grant and this host', async () => {
    const [fresh, other] = await Promise.all([registerSilentHost(captive.admin), registerSilentHost(captive.admin)]);
    const grants = await Promise.all(Array.from({ length: 5 }, () => captive.keyGrant(fresh)));
    const [first, second, third, fourth, fifth] = grants as [Grant, Grant, Grant, Grant, Grant];
    const elsewhere = await captive.keyGrant(other);
    const [key, otherKey] = [newHostKey(), newHostKey()];
    const attestation = await captive.attest(first, key.publicKeyBlob);

    await expectUnverified(second, shown({ key }), 'no attestation');
    await expectUnverified(third, shown({ key, attestation }), 'another grant or host');
    await expectUnverified(elsewhere, shown({ key, attestation }), 'another grant or host');
    const { grantId, host: claimed } = fourth.claims;
    const forged = await TokenSigner.fromPem(strangeKey).attestation({
      grantId,
      hostId: claimed.hostId,
      fingerprint: fingerprint(otherKey.publicKeyBlob),
    });
    await expectUnverified(fourth, shown({ key: otherKey, attestation: forged }), 'does not hold');
    const ofFifth = await captive.attest(fifth, key.publicKeyBlob);
    await expectUnverified(fifth, shown({ key: otherKey, attestation: ofFifth }), 'of another host key');

    const { replica } = await captive.session.prepare(first.token);
    await captive.session.open(replica, first, shown({ key, attestation }));
  });
});
