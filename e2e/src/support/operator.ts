import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  CreateAuthorizationRoute,
  CreateUserRoute,
  ListHostsRoute,
  ListSessionsRoute,
  type SessionId,
  type UserId,
} from '@sallyport/contracts';
import { makeUserKey, waitFor, type RestClient, type RunResult } from '@sallyport/testing';
import { anonymous, local, sshAs } from './sallyport.js';

/** A user of a test's own, who may use all accounts of the demo's first instance. */
export interface Operator {
  readonly userId: UserId;
  readonly username: string;
  readonly authorizationId: string;
  readonly hostId: string;
  readonly rest: RestClient;
  /** As `ssh` takes it, for that instance. */
  readonly destination: string;
  readonly privateKeyFile: string;
  /** What he logs on with, in OpenSSH's one-line form. */
  readonly publicKey: string;
  /** Runs a command as root of that instance. */
  run(command: string, args?: readonly string[]): Promise<RunResult>;
  /** A terminal with a shell, as a person has it. */
  shell(): Shell;
}

/** `ssh -tt`, with what it shows so far. */
export interface Shell {
  readonly shown: () => string;
  readonly type: (text: string) => void;
  readonly sees: (text: string | RegExp) => Promise<unknown>;
  /** The exit code of `ssh`. */
  readonly ended: Promise<number | null>;
}

export async function newOperator(admin: RestClient): Promise<Operator> {
  const key = await makeUserKey('ed25519');
  const [username, password] = [`op-${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex')];
  const publicKeys = [key.publicKey];
  const { id } = await admin.call(CreateUserRoute, { body: { username, password, roles: ['operator'], publicKeys } });
  const name = local.instances[0]?.name ?? '';
  const { items } = await admin.call(ListHostsRoute, { query: { limit: 200 } });
  const hostId = items.find((host) => host.name === name)?.id ?? '';
  const { id: authorizationId } = await admin.call(CreateAuthorizationRoute, { body: { userId: id, hostId } });
  const user = `${username}@root@${name}`;
  const { privateKeyFile } = key;
  return {
    ...{ userId: id, username, authorizationId, hostId, privateKeyFile, publicKey: key.publicKey },
    destination: `${user}@${local.ssh.host}`,
    rest: await anonymous.signIn(username, password),
    run: (command, args = []) => sshAs(user, { command, args, privateKeyFile }),
    shell: () => startShell(`${user}@${local.ssh.host}`, privateKeyFile),
  };
}

function startShell(destination: string, privateKeyFile: string): Shell {
  const options = ['IdentitiesOnly=yes', 'LogLevel=ERROR', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  const child = spawn('ssh', [
    ...['-F', 'none', '-tt', '-p', String(local.ssh.port), '-i', privateKeyFile],
    ...options.flatMap((option) => ['-o', option]),
    destination,
  ]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  return {
    shown: () => text,
    type: (typed) => child.stdin.write(typed),
    sees: (wanted) =>
      waitFor(() => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)), {
        what: `${wanted.toString()} on the screen`,
      }),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}

/** The newest session of a user, once the log has it in this state; another than `before`. */
export function sessionOf(
  auditor: RestClient,
  userId: UserId,
  status: 'active' | 'closed',
  before?: SessionId,
): Promise<SessionId> {
  const query = { userId, status, limit: 1 };
  const newest = async () => (await auditor.call(ListSessionsRoute, { query })).items[0]?.id;
  return waitFor(
    async () => {
      const id = await newest();
      return id === before ? undefined : id;
    },
    { what: `a session that is ${status}` },
  );
}
