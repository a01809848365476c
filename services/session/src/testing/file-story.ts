import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canRunSshd, ensureRsync, makeUserKey, run, startSshd, tempDir } from '@sallyport/testing';
import type { Rsync, RunOptions, RunResult, SshdHost, UserKey } from '@sallyport/testing';
import { ProtocolPolicy } from '@sallyport/contracts';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { startSessionProcess } from './session-process.js';
import type { SessionProcess } from './session-process.js';

/** Through the bastion, or straight to the same sshd as the baseline. */
export type Way = 'bastion' | 'direct';

/** The tools that people move files with. */
export interface FileTools {
  rsync: Rsync;
  /** `user@host` for all tools. */
  destination(way: Way): string;
  /** Options that every tool of OpenSSH takes. */
  options(way: Way): string[];
  /** Runs a program of OpenSSH; `args` come after the options. */
  tool(program: 'ssh' | 'scp' | 'sftp', way: Way, args: string[], options?: RunOptions): Promise<RunResult>;
  /** Runs sftp with lines as in its batch files; a `-` before one lets it fail. */
  sftp(way: Way, lines: readonly (string | Buffer)[], options?: RunOptions): Promise<RunResult>;
}

/** The session service as a process, a real target, and those tools. */
export interface FileStory extends FileTools {
  host: SshdHost;
  service: SessionProcess;
  userKey: UserKey;
  /** Data of the events of this name, once the end of each session is on record. */
  events(name: string): Promise<Record<string, unknown>[]>;
  /** Bytes of memory that the session process had at most so far. */
  peakMemory(): number;
}

/** A path that is not UTF-8, in a shell command or a batch file, is bytes. */
const NEWLINE = Buffer.from('\n');
const TIMEOUT_MS = 90_000;

export function describeFiles(title: string, tests: (story: FileStory) => void): void {
  const able = canRunSshd();
  const suite = able.ok ? describe : describe.skip;
  suite(`${title}${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
    const story = {} as FileStory;
    beforeAll(async () => {
      [story.userKey, story.rsync, story.service] = await Promise.all([
        makeUserKey('ed25519'),
        ensureRsync(),
        startSessionProcess(),
      ]);
      const { addToUsr } = story.rsync;
      const account = { name: 'ops', password: 'host password', authorizedKeys: [story.userKey.publicKey] };
      story.host = await startSshd({ accounts: [account], ...(addToUsr !== undefined && { addToUsr }) });
      const { host, service, userKey, rsync } = story;
      Object.assign(story, fileTools({ host, bastion: service, userKey, rsync }), measuresOf(service));
    });
    beforeEach(async () => {
      await story.service.allIsOnRecord();
      const { asset, broker, events } = story.service;
      const { address, port, hostKeys } = story.host;
      const fingerprints = hostKeys.map(({ fingerprint }) => fingerprint);
      asset.hosts = [{ name: 'web-1', address, port, hostKeys: fingerprints, account: 'ops', kind: 'password' }];
      asset.publicKeys = [story.userKey.publicKey];
      asset.policy = ProtocolPolicy.parse({});
      broker.values = ['host password'];
      events.length = 0;
      await story.host.run('rm -rf /home/ops/*');
    });
    afterAll(async () => {
      await story.service.stop();
      await story.host.stop();
    });
    tests(story);
  });
}

/** @param parts where the tools go, as alice with her key, and which rsync they have */
export function fileTools({
  host,
  bastion,
  userKey,
  rsync,
}: {
  host: SshdHost;
  bastion: { readonly port: number };
  userKey: UserKey;
  rsync: Rsync;
}): FileTools {
  const destination = (way: Way): string => (way === 'bastion' ? 'alice+ops+web-1@127.0.0.1' : `ops@${host.address}`);
  const options = (way: Way): string[] => {
    const port = way === 'bastion' ? bastion.port : host.port;
    const settings = [`Port=${port}`, 'UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'LogLevel=ERROR'];
    const logon = ['BatchMode=yes', `IdentityFile=${userKey.privateKeyFile}`, 'IdentitiesOnly=yes'];
    return ['-F', 'none', ...[...settings, ...logon].flatMap((setting) => ['-o', setting])];
  };
  const tool: FileTools['tool'] = (program, way, args, more) =>
    run(program, [...options(way), ...args], { env: { SSH_AUTH_SOCK: undefined }, timeoutMs: TIMEOUT_MS, ...more });
  return {
    rsync,
    destination,
    options,
    tool,
    sftp: async (way, lines, more) => {
      const batch = join(tempDir(), 'batch');
      await writeFile(batch, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), NEWLINE])));
      return tool('sftp', way, ['-b', batch, destination(way)], more);
    },
  };
}

function measuresOf(service: SessionProcess): Pick<FileStory, 'events' | 'peakMemory'> {
  return {
    events: async (name) => {
      await service.allIsOnRecord();
      return service.events.filter(({ type }) => type === `io.sallyport.${name}.v1`).map(({ data }) => data);
    },
    peakMemory: () => {
      const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
  };
}

/** SHA-256 of a file, in hex. */
export async function checksum(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
