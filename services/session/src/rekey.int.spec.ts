import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canRunSshd, ensureRsync, startSshd, tempDir, waitFor } from '@sallyport/testing';
import type { SshdHost } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { checksum, fileTools } from './testing/file-story.js';
import { moveDown, moveUp } from './testing/move-files.js';
import { startBastion } from './testing/start-bastion.js';
import type { BastionOptions } from './testing/start-bastion.js';
import { describeStory, storyAt } from './testing/story.js';
import type { Story } from './testing/story.js';

/** Between two exchanges that we begin; OpenSSH does not take less than 1M of its own. */
const rekeyAfterBytes = 700_000;
const SIZE_BYTES = 8 * 1024 * 1024;

const rsync = canRunSshd().ok ? await ensureRsync() : undefined;
const { addToUsr } = rsync ?? {};
const verbose = { config: 'LogLevel DEBUG1', ...(addToUsr !== undefined && { addToUsr }) };

/** Who begins, and on which leg it is to be seen. */
interface Starter {
  leg: 'client' | 'target';
  args?: string[];
  sshd?: string;
  bastion?: BastionOptions;
}

const starters: [string, Starter][] = [
  ['the client', { leg: 'client', args: ['-o', 'RekeyLimit=1M'] }],
  ['the target', { leg: 'target', sshd: 'RekeyLimit 1M' }],
  ['the bastion, towards the client', { leg: 'client', bastion: { server: { rekeyAfterBytes } } }],
  ['the bastion, towards the target', { leg: 'target', bastion: { rekeyTarget: { rekeyAfterBytes } } }],
];

/** How often an end said that it wants to exchange keys, or that it wants to as well; once belongs to the beginning. */
const exchanges = (lines: readonly string[]): number =>
  lines.filter((line) => line.includes('SSH2_MSG_KEXINIT sent')).length;

/** The session's process at the host hands its log on: with its last line all of it is there. */
async function loggedOff(host: SshdHost, before: number): Promise<void> {
  const last = /(Disconnected from|Connection closed by|Connection reset by) user ops/;
  await waitFor(
    () =>
      host
        .log()
        .slice(before)
        .some((line) => last.test(line)),
    { what: 'the end in the log' },
  );
}

describeStory(
  'keys that are exchanged anew',
  (story) => {
    it.each(starters)(
      'D7: by %s: 8 MiB go there and back whole, and the other leg keeps its keys',
      async (_, starter) => {
        const there = await storyWith(story, starter);
        const before = there.host.log().length;
        const input = randomBytes(SIZE_BYTES / 2).toString('hex');
        const { stdout, stderr } = await there.logOn('cat', { input, args: ['-v', ...(starter.args ?? [])] });
        expect(stdout === input).toBe(true);
        await loggedOff(there.host, before);
        const counted = {
          client: exchanges(stderr.split('\n')),
          target: exchanges(there.host.log().slice(before)),
        };
        expect(counted[starter.leg]).toBeGreaterThan(5);
        expect(counted[starter.leg === 'client' ? 'target' : 'client']).toBe(1);
      },
    );

    it.each(['sftp', 'scp', 'scp -O', 'rsync'] as const)(
      'D7: %s moves 8 MiB up and down while the bastion exchanges keys on both legs',
      async (tool) => {
        if (!rsync) throw new Error('no rsync');
        const bastion = { server: { rekeyAfterBytes }, rekeyTarget: { rekeyAfterBytes } };
        const { host, bastion: there, userKey } = await storyWith(story, { bastion });
        const files = fileTools({ host, bastion: there, userKey, rsync });
        const [up, down] = [join(tempDir(), 'up'), join(tempDir(), 'down')];
        await writeFile(up, randomBytes(SIZE_BYTES));
        const before = host.log().length;
        // A name of its own: rsync leaves a file alone that has the same length and second.
        const name = `moved-by-${tool.replace(' ', '')}`;
        await moveUp(files, tool, up, name);
        await moveDown(files, tool, name, down);
        expect(await checksum(down)).toBe(await checksum(up));
        await waitFor(() => exchanges(host.log().slice(before)) > 10, { what: 'more than ten exchanges' });
      },
    );
  },
  verbose,
);

/** The same story with a bastion, and where it is told, a target of its own. */
async function storyWith(
  story: Story,
  { sshd, bastion: options = {} }: Pick<Starter, 'sshd' | 'bastion'>,
): Promise<Story> {
  const bastion = await startBastion(options);
  onTestFinished(() => bastion.gateway.stop());
  let { host } = story;
  if (sshd !== undefined) {
    const accounts = [{ name: 'ops', password: story.password }];
    host = await startSshd({ accounts, config: `${verbose.config}\n${sshd}` });
    onTestFinished(() => host.stop());
  }
  return storyAt({ ...story, host }, bastion);
}
