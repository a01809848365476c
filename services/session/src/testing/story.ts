import { ProtocolPolicy } from '@sallyport/contracts';
import { canRunSshd, makeUserKey, ssh, startSshd, testSwitch } from '@sallyport/testing';
import type { SshdHost, SshdOptions, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { startBastion } from './start-bastion.js';
import type { Bastion, BastionOptions } from './start-bastion.js';

/** What a test with a bastion, a real target and a user works with. All is there once the tests run. */
export interface Story {
  host: SshdHost;
  bastion: Bastion;
  /** Of the account at the target. */
  password: string;
  /** Of alice. */
  userKey: UserKey;
  /** Runs a command as alice at the target, through the bastion. */
  logOn(command: string | undefined, more?: Partial<Parameters<typeof ssh>[0]>): ReturnType<typeof ssh>;
}

const password = 'host "password" \\ ä';
const able = canRunSshd();
/** `SALLYPORT_TEST_RECORDING=off` runs the same stories without it: see the README. */
const recording = testSwitch('RECORDING');

/** A suite of stories around one target, `web-1`, whose account `ops` opens with a password that the broker knows. */
export function describeStory(
  title: string,
  tests: (story: Story) => void,
  sshd: Partial<SshdOptions> = {},
  bastion: BastionOptions = {},
): void {
  const suite = able.ok ? describe : describe.skip;
  suite(`${title}${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
    const story = { password } as Story;
    beforeAll(async () => {
      story.host = await startSshd({ accounts: [{ name: 'ops', password }], ...sshd });
      story.bastion = await startBastion({ recording, ...bastion });
      story.userKey = await makeUserKey('ed25519');
      story.logOn = (command, more = {}) => logOn(story, command, more);
    });
    beforeEach(() => {
      reset(story);
    });
    afterAll(async () => {
      await story.bastion.gateway.stop();
      await story.host.stop();
    });
    tests(story);
  });
}

/** The same story at another bastion. */
export function storyAt(story: Story, bastion: Bastion): Story {
  const there = { ...story, bastion };
  there.logOn = (command, more = {}) => logOn(there, command, more);
  reset(there);
  return there;
}

function logOn(
  { bastion, userKey }: Story,
  command: string | undefined,
  more: Partial<Parameters<typeof ssh>[0]>,
): ReturnType<typeof ssh> {
  const identity = more.password === undefined ? { privateKeyFile: userKey.privateKeyFile } : {};
  const typed = command === undefined ? {} : { command };
  return ssh({ destination: 'alice@ops@web-1@127.0.0.1', port: bastion.port, ...identity, ...typed, ...more });
}

function reset({ host, bastion, userKey }: Story): void {
  const { asset, broker, audit, recordings } = bastion;
  const hostKeys = host.hostKeys.map(({ fingerprint }) => fingerprint);
  const { address, port } = host;
  asset.hosts = [{ name: 'web-1', address, port, hostKeys, account: 'ops', kind: 'password' }];
  asset.publicKeys = [userKey.publicKey];
  asset.listed = undefined;
  asset.before = undefined;
  asset.policy = ProtocolPolicy.parse({});
  asset.limits = {};
  asset.restrictions = undefined;
  asset.code = undefined;
  asset.ended = undefined;
  broker.values = [password];
  broker.trouble = undefined;
  broker.prepareMs = 0;
  broker.gone = false;
  for (const list of [asset.asked, asset.reported, broker.asked, audit.events]) list.length = 0;
  audit.fail(false);
  recordings.messages.length = 0;
  recordings.fail(false);
}
