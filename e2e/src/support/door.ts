import { randomBytes } from 'node:crypto';
import { CreateAuthorizationRoute, CreateUserRoute, type UserId } from '@sallyport/contracts';
import { makeUserKey, ssh, type RestClient, type RunResult, type SshOptions, type UserKey } from '@sallyport/testing';
import { expect } from 'vitest';
import { eventsOf, linesOf, refusal } from './audit.js';
import { readyAccount, startRealHost, type RealHost } from './real-host.js';
import { local, signInAs } from './sallyport.js';

/** How a logon differs from the usual one. */
export type More = Partial<Omit<SshOptions, 'privateKeyFile'>>;

/** A real sshd with one account, `door`, whose password KMS has: where stories try who may log on. */
export interface Door {
  readonly admin: RestClient;
  readonly auditor: RestClient;
  readonly host: RealHost;
  readonly hostId: string;
  /** Somebody with a password and a key who may use the host. @param held a key that they have already */
  newUser(held?: Pick<UserKey, 'publicKey' | 'privateKeyFile' | 'fingerprint'>): Promise<DoorUser>;
  /** Waits until it is on record that this is why a user was refused. */
  recorded(username: string, reason: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface DoorUser {
  readonly userId: UserId;
  readonly username: string;
  readonly password: string;
  /** Of the key. */
  readonly fingerprint: string;
  readonly authorizationId: string;
  /** OpenSSH without the key, unless `more` says with what. */
  readonly logOn: (more: More) => Promise<RunResult>;
  readonly withKey: (more?: More) => Promise<RunResult>;
}

export async function openDoor(): Promise<Door> {
  const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
  const host = await startRealHost([{ name: 'door', password: 'first-value' }]);
  const { hostId } = await readyAccount(admin, host, 'door', { kind: 'password', password: 'first-value' });
  return {
    admin,
    auditor,
    host,
    hostId,
    newUser: async (held) => {
      const key = held ?? (await makeUserKey('ed25519'));
      const [username, password] = [`user-${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex')];
      const body = { username, password, roles: ['operator' as const], publicKeys: [key.publicKey] };
      const { id: userId } = await admin.call(CreateUserRoute, { body });
      const { id: authorizationId } = await admin.call(CreateAuthorizationRoute, { body: { userId, hostId } });
      const destination = `${username}@door@${host.name}@${local.ssh.host}`;
      const logOn = (more: More): Promise<RunResult> =>
        ssh({ destination, port: local.ssh.port, command: 'echo in', ...more });
      const withKey = (more: More = {}) => logOn({ ...more, ...{ privateKeyFile: key.privateKeyFile } });
      const { fingerprint } = key;
      return { userId, username, password, fingerprint, authorizationId, logOn, withKey };
    },
    recorded: (username, reason) =>
      eventsOf(
        auditor,
        'user.authentication-failed',
        ({ data }) => data['username'] === username && data['reason'] === reason,
      ),
    close: () => host.sshd.stop(),
  };
}

/** What a logon gives that worked. */
export const isIn = { code: 0, stdout: 'in\n' };

/** The code of the one line with which somebody was refused; without a session there is no output. */
export function refusedWith({ code, stdout, stderr }: RunResult): string {
  expect([code, stdout]).toEqual([255, '']);
  const lines = linesOf(stderr).filter((line) => line.startsWith('sallyport:'));
  expect(lines).toHaveLength(1);
  return refusal(lines[0] ?? '').code;
}
