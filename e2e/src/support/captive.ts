import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { PinHostKeyV1 } from '@sallyport/contracts';
import { formatUserauthRequest, parseAuthorizedKey, type PrivateKey, type UserauthRequest } from '@sallyport/ssh-keys';
import type { RestClient } from '@sallyport/testing';
import { expect } from 'vitest';
import { eventsOf } from './audit.js';
import { CapturedSession, type Grant, type Shown } from './captured-session.js';
import { home, signInAs } from './sallyport.js';
import { newHostKey, registerSilentHost, type SilentHost } from './silent-host.js';
import { readState } from './start-sallyport.js';

/** What asset signs grants with, and what somebody else would. */
export const assetKey = readState(home, 'secrets', 'asset-signing.pem');
export const strangeKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** Of the captive's host, where it is pinned. */
export const hostKey = newHostKey();

/** What session tells of a connection to the host that has this key. */
export function shown({ key = hostKey, ...change }: Partial<Shown> & { key?: PrivateKey } = {}): Shown {
  const targetSessionId = randomBytes(32);
  const hostKeySignature = key.sign('ssh-ed25519', targetSessionId);
  return { hostKey: key.publicKeyBlob, targetSessionId, hostKeySignature, ...change };
}

/** A session process in strange hands, which asks the broker for what it should not have. */
export class Captive {
  /** Refusals from before are not of this story. */
  #since = '';

  private constructor(
    readonly admin: RestClient,
    readonly auditor: RestClient,
    readonly session: CapturedSession,
    readonly host: SilentHost,
    readonly end: () => Promise<void>,
  ) {}

  static async take(): Promise<Captive> {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const host = await registerSilentHost(admin, hostKey);
    const { session, end } = await CapturedSession.start();
    const captive = new Captive(admin, auditor, session, host, end);
    // Where the host took a credential within the last minute, the broker holds no logon back until another one has ended.
    for (const account of ['deploy', 'root'] as const) {
      const { replica, grant } = await captive.opened(account);
      await session.release(replica, grant.claims.grantId, 'accepted');
    }
    return captive;
  }

  beginStory(): void {
    this.#since = new Date().toISOString();
  }

  keyGrant(target = this.host): Promise<Grant> {
    return this.session.grant(target.name, 'deploy');
  }

  /** A credential that is prepared and opened, as it should be. */
  async opened(account: 'deploy' | 'root' = 'deploy') {
    const grant = await this.session.grant(this.host.name, account);
    const { replica } = await this.session.prepare(grant.token);
    const connection = shown();
    const released = await this.session.open(replica, grant, connection);
    return { grant, replica, connection, released };
  }

  /** What session may have signed on that connection to the target. */
  userauth({ connection }: { connection: Shown }, change: Partial<UserauthRequest> = {}): Buffer {
    return formatUserauthRequest({
      sessionId: connection.targetSessionId,
      userName: 'deploy',
      serviceName: 'ssh-connection',
      algorithm: 'ssh-ed25519',
      publicKeyBlob: parseAuthorizedKey(this.host.key.publicKey).blob,
      ...change,
    });
  }

  /** Asset's word that this key was pinned, for this grant. */
  async attest({ token }: Grant, key: Buffer): Promise<string> {
    const pinned = { grant: token, hostKey: key.toString('base64') };
    return (await this.session.bus.request(PinHostKeyV1, pinned)).attestation;
  }

  /** Refused with this code, and on record with what is known of the grant. */
  async expectRefused(
    attempt: Promise<unknown>,
    operation: 'prepare' | 'open' | 'sign' | 'refresh',
    code: string,
    { reason, grantId }: { reason?: string; grantId?: string } = {},
  ): Promise<void> {
    await expect(attempt).rejects.toMatchObject({ code });
    await eventsOf(
      this.auditor,
      'credential.refused',
      ({ time, data }) =>
        time >= this.#since &&
        data['operation'] === operation &&
        data['code'] === code &&
        data['grantId'] === grantId &&
        String(data['reason']).includes(reason ?? ''),
    );
  }
}
