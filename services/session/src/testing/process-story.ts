import { canRunSshd, makeUserKey, ServerProcess, ssh, startSshd, waitFor } from '@sallyport/testing';
import type { SshdHost, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { startSessionProcess } from './session-process.js';
import type { SessionProcess } from './session-process.js';

const able = canRunSshd();
const quiet = ['-F', 'none', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no'];

/** What a test with the service as a process of its own, a real target and a user works with. */
export interface ProcessStory {
  host: SshdHost;
  /** Of alice. */
  userKey: UserKey;
  /** A process that knows host and user. Whoever starts it stops it. */
  start(environment?: Record<string, string>): Promise<SessionProcess>;
  /** Runs a command as alice at the target. */
  logOn(service: SessionProcess, more?: Partial<Parameters<typeof ssh>[0]>): ReturnType<typeof ssh>;
  /** alice at the target, where what she types is shown to her until she is told to leave. Returns when she is there. */
  stay(service: SessionProcess, ...args: string[]): Promise<ServerProcess>;
  /** The command line of an ssh that logs on as alice. */
  sshCommand(service: SessionProcess, ...args: string[]): string[];
}

/** A suite of stories with the service as its own process on a real NATS server, and a target `web-1` with the account `ops`. */
export function describeProcess(title: string, tests: (story: ProcessStory) => void): void {
  const suite = able.ok ? describe : describe.skip;
  suite(`${title}${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
    const story = { start: (environment) => start(story, environment), logOn, stay, sshCommand } as ProcessStory;
    beforeAll(async () => {
      story.host = await startSshd({ accounts: [{ name: 'ops', password: 'host password' }] });
      story.userKey = await makeUserKey('ed25519');
    });
    afterAll(() => story.host.stop());
    tests(story);

    function logOn(service: SessionProcess, more: Partial<Parameters<typeof ssh>[0]> = {}): ReturnType<typeof ssh> {
      const { privateKeyFile } = story.userKey;
      const { port } = service;
      return ssh({ destination: 'alice@ops@web-1@127.0.0.1', port, privateKeyFile, command: 'echo in', ...more });
    }

    function sshCommand(service: SessionProcess, ...args: string[]): string[] {
      const identity = ['-i', story.userKey.privateKeyFile, '-p', String(service.port)];
      return ['ssh', ...quiet, ...identity, ...args, 'alice@ops@web-1@127.0.0.1'];
    }

    async function stay(service: SessionProcess, ...args: string[]): Promise<ServerProcess> {
      const [program, ...rest] = [...sshCommand(service, ...args), 'echo here; exec cat'];
      const client = new ServerProcess(program, rest, { stdin: 'pipe' });
      const there = (): boolean => {
        if (!client.running) throw new Error(client.tail());
        return client.lines.some((line) => line.trim() === 'here');
      };
      await waitFor(there, { what: 'the session', timeoutMs: 60_000 });
      return client;
    }
  });
}

async function start({ host, userKey }: ProcessStory, environment?: Record<string, string>): Promise<SessionProcess> {
  const service = await startSessionProcess(environment);
  const hostKeys = host.hostKeys.map(({ fingerprint }) => fingerprint);
  const { address, port } = host;
  service.asset.hosts = [{ name: 'web-1', address, port, hostKeys, account: 'ops', kind: 'password' }];
  service.asset.publicKeys = [userKey.publicKey];
  service.broker.values = ['host password'];
  return service;
}
