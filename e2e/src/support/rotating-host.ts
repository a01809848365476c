import { GetSecretRoute, ListSecretVersionsRoute, RotateSecretRoute } from '@sallyport/contracts';
import { makeUserKey, newerOpenssh, waitFor, type RestClient } from '@sallyport/testing';
import { expect } from 'vitest';
import { eventsOf } from './audit.js';
import { GatedRotation } from './gated-rotation.js';
import { readyAccount, startRealHost, type RealHost, type SecretValue } from './real-host.js';
import { emulator, signInAs, sshAs } from './sallyport.js';

/** With `PerSourcePenalties` at its default; an OpenSSH before 9.8 has none. A text says why this machine has no newer one. */
export const newer = await newerOpenssh().catch((error: unknown) => String(error));

type Kind = SecretValue['kind'];
export const kinds: readonly Kind[] = ['password', 'ssh-key'];

/** How the emulator rotates unless a story says otherwise. */
export const usual = { delayMs: 0, order: 'host-first', gapMs: 0, fail: null };

export interface RotatingSecret {
  readonly user: string;
  readonly kind: Kind;
  readonly secretName: string;
  /** The SSH user name that means this account. */
  readonly sshUser: string;
}

/** One account for each story. */
export function userOf(cell: string, kind: Kind): string {
  return `${cell}-${kind === 'password' ? 'pass' : 'key'}`;
}

const firstPassword = (user: string): string => `first-${user}-value`;

/** A real sshd whose accounts are rotated step by step, as a story says. */
export class RotatingHost {
  private constructor(
    readonly host: RealHost,
    readonly gates: GatedRotation,
    readonly admin: RestClient,
    readonly auditor: RestClient,
  ) {}

  static async start(users: readonly string[]): Promise<RotatingHost> {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const accounts = users.map((name) => ({ name, password: firstPassword(name) }));
    const host = await startRealHost(accounts, typeof newer === 'string' ? {} : { newer });
    // Without the two seconds that PAM takes over a wrong password.
    await host.sshd.run(`sed -i '/^auth/s/$/ nodelay/' /etc/pam.d/sshd`);
    const gates = await GatedRotation.of(host);
    // An account rotates 50 times an hour at most; these stories do so more often.
    await emulator('PUT', 'rules', { quotaScale: 100 });
    return new RotatingHost(host, gates, admin, auditor);
  }

  /** What a story has changed is as usual again. */
  async settle(): Promise<void> {
    this.gates.openAll();
    await emulator('DELETE', 'faults');
    await emulator('PUT', 'rotation', usual);
  }

  /** A secret that has not been rotated yet, for an account that takes its value. */
  async newSecret(user: string, kind: Kind): Promise<RotatingSecret> {
    const value = await this.#firstValue(user, kind);
    const { secretName, target: sshUser } = await readyAccount(this.admin, this.host, user, value);
    return { user, kind, secretName, sshUser };
  }

  /** How many lines of sshd's log are like this. */
  logged(pattern: RegExp): number {
    return this.host.sshd.log().filter((line) => pattern.test(line)).length;
  }

  /** Waits until the host has refused so many values of it. */
  refused(secret: RotatingSecret, count: number): Promise<unknown> {
    const enough = (): boolean => this.#refusals(secret) >= count;
    return waitFor(enough, { what: `refusal ${count} at the host` });
  }

  /** How often KMS was asked for a value. */
  async valueReads(): Promise<number> {
    const { calls } = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
    return calls['GetSecretValue'] ?? 0;
  }

  /** Begins a rotation. @returns the version to be */
  async begin({ secretName }: RotatingSecret): Promise<string> {
    return (await this.admin.call(RotateSecretRoute, { params: { name: secretName }, body: {} })).versionId;
  }

  /** Waits until its rotation has failed. */
  async failed({ secretName }: RotatingSecret): Promise<void> {
    const state = async () =>
      (await this.admin.call(GetSecretRoute, { params: { name: secretName } })).automaticRotation;
    await waitFor(async () => (await state()) === 'Invalid', { what: 'the rotation to fail' });
  }

  /** Waits until KMS has this version as its current one. */
  async current({ secretName }: RotatingSecret, versionId: string): Promise<void> {
    const named = async (): Promise<boolean> => {
      const { items } = await this.admin.call(ListSecretVersionsRoute, { params: { name: secretName } });
      return items.some((version) => version.versionId === versionId && version.stages.includes('ACSCurrent'));
    };
    await waitFor(named, { what: 'KMS to name the new version' });
  }

  /** The host has the new value, and KMS the old one. */
  async hostAhead(secret: RotatingSecret): Promise<void> {
    this.gates.hold('tell');
    await this.begin(secret);
    await this.gates.changed();
  }

  /** KMS has the new value, and the host the old one. */
  async kmsAhead(secret: RotatingSecret): Promise<string> {
    await emulator('PUT', 'rotation', { ...usual, order: 'kms-first' });
    this.gates.hold('change');
    const versionId = await this.begin(secret);
    await this.current(secret, versionId);
    return versionId;
  }

  /** The rotation failed, and what the host takes is known to nobody: the new value, in truth. */
  async hostAloneAhead(secret: RotatingSecret, order: 'host-first' | 'kms-first'): Promise<void> {
    await emulator('PUT', 'rotation', { ...usual, order, fail: 'after' });
    await this.begin(secret);
    await this.failed(secret);
    await emulator('PUT', 'rotation', usual);
  }

  /** Logs on, while something happens. One TCP connection to the host, and as many values as were refused, and one. */
  async expectLogon(secret: RotatingSecret, attempts: number, meanwhile?: () => Promise<unknown>): Promise<string[]> {
    const { result, stages } = await this.logOn(secret, meanwhile);
    expect(result).toMatchObject({ code: 0, stdout: `${secret.user}\n` });
    expect(stages).toHaveLength(attempts);
    return stages;
  }

  async logOn(secret: RotatingSecret, meanwhile?: () => Promise<unknown>) {
    const [connections, before] = [this.logged(/^Connection from /), this.#refusals(secret)];
    const startedAt = new Date().toISOString();
    const running = sshAs(secret.sshUser, { command: 'id -un', timeoutMs: 60_000 });
    const [result] = await Promise.all([running, meanwhile?.()]);
    expect(this.logged(/^Connection from /)).toBe(connections + 1);
    await this.#outcome(secret, startedAt, result.code === 0);
    const released = await eventsOf(
      this.auditor,
      'credential.released',
      ({ time, data }) => time >= startedAt && data['secretName'] === secret.secretName,
    );
    const attempts = released.sort((a, b) => Number(a.data['attempt']) - Number(b.data['attempt']));
    expect(attempts.map(({ data }) => data['attempt'])).toEqual(attempts.map((_, at) => at + 1));
    const refusals = attempts.length - (result.code === 0 ? 1 : 0);
    // sshd answers before it logs.
    await this.refused(secret, before + refusals);
    expect(this.#refusals(secret) - before).toBe(refusals);
    return { result, stages: attempts.map(({ data }) => String(data['stage'])) };
  }

  /** Waits until the log has how a logon ended: then it has all that came before. */
  async #outcome({ user }: RotatingSecret, startedAt: string, worked: boolean): Promise<void> {
    const { name } = this.host;
    await eventsOf(
      this.auditor,
      worked ? 'session.opened' : 'session.refused',
      ({ time, data }) =>
        time >= startedAt &&
        (worked ? data['hostName'] === name && data['accountName'] === user : data['target'] === `${user}@${name}`),
    );
  }

  async #firstValue(user: string, kind: Kind): Promise<SecretValue> {
    if (kind === 'password') return { kind, password: firstPassword(user) };
    const { publicKey, privateKey } = await makeUserKey('rsa', { format: 'pem' });
    await this.host.sshd.setAuthorizedKey(user, publicKey);
    return { kind, publicKey, privateKey };
  }

  /** Values that the host refused. */
  #refusals({ user, kind }: RotatingSecret): number {
    return this.logged(new RegExp(`^Failed ${kind === 'password' ? 'password' : 'publickey'} for ${user} `));
  }
}
