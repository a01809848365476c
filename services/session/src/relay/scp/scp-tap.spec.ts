import { FilePolicy } from '@sallyport/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordedFiles } from '../../testing/recorded-files.js';
import { collectEnds, cut } from '../../testing/tap-ends.js';
import type { CollectedEnds } from '../../testing/tap-ends.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import type { ScpCommand } from './scp-command.js';
import { ScpTap } from './scp-tap.js';

let ends: CollectedEnds;
let record: RecordedFiles;
beforeEach(() => {
  ends = collectEnds();
  record = new RecordedFiles();
});

const tapOf = (direction: ScpCommand['direction'], policy: Partial<FilePolicy> = {}): ScpTap =>
  new ScpTap({ direction }, ends, record, FilePolicy.parse(policy));

/** What a sender says, with the name of a folder that is not UTF-8, and what the other side answers: yes to all but `denied`. */
const folder = Buffer.from([0xc4, 0xe3]);
const sent = Buffer.concat([
  Buffer.from('T1 0 1 0\nD0755 0 '),
  folder,
  Buffer.from('\nC0644 5 a b\nhello\0C0600 0 empty\n\0C0600 7 denied\nE\nC0644 4 top\nlast\x01scp: top: changed\n'),
]);
const answers = Buffer.from(`${'\0'.repeat(7)}\x01no\n${'\0'.repeat(3)}`);

async function play(
  direction: ScpCommand['direction'],
  sentAt: number[] = [],
  answersAt: number[] = [],
): Promise<void> {
  const tap = tapOf(direction);
  const [send, answer] = direction === 'upload' ? (['up', 'down'] as const) : (['down', 'up'] as const);
  const sending = (async () => {
    for (const chunk of cut(sent, sentAt)) await tap[send](chunk);
  })();
  for (const chunk of cut(answers, answersAt)) await tap[answer](chunk);
  await sending;
  tap.end();
}

describe('ScpTap', () => {
  it.each(['upload', 'download'] as const)(
    'D11, H7: passes and records the same %s, however it is cut',
    async (direction) => {
      const places = fc.array(fc.nat(), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(places, places, async (sentAt, answersAt) => {
          ends = collectEnds();
          record = new RecordedFiles();
          await play(direction, sentAt, answersAt);
          const [from, to] =
            direction === 'upload' ? [ends.atClient(), ends.atTarget()] : [ends.atTarget(), ends.atClient()];
          expect(to).toEqual(sent);
          expect(from).toEqual(answers);
          const moved = (bytes: number): string =>
            direction === 'upload' ? `0 read, ${bytes} written` : `${bytes} read, 0 written`;
          expect(record.lines).toEqual([
            ...(direction === 'upload' ? ['mkdir ��'] : []),
            `${direction} ��/a b`,
            `closed 0: ${moved(5)}`,
            `${direction} ��/empty`,
            `closed 1: ${moved(0)}`,
            `${direction} ��/denied`,
            `failed 2: ${moved(0)}`,
            `${direction} top`,
            `failed 3: ${moved(4)}`,
          ]);
        }),
      );
    },
  );

  it('H7: any bytes from the sender end in the one declared error or in nothing', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(chunks, async (all) => {
        const tap = tapOf('upload');
        await tap.down(Buffer.alloc(1_000));
        try {
          for (const chunk of all) await tap.up(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTransfer);
        }
      }),
    );
  });

  it.each([
    ['a line without end', Buffer.alloc(9_000, 'C')],
    ['a shell', Buffer.from('id\n')],
    ['a name with a NUL', Buffer.from('C0644 1 a\0b\n')],
    ['a size that is none', Buffer.from('C0644 99999999999999999999 a\n')],
  ])('H7: refuses %s', async (_, bytes) => {
    const tap = tapOf('upload');
    await tap.down(Buffer.alloc(1));
    await expect(tap.up(bytes)).rejects.toThrow(MalformedTransfer);
    expect(ends.atTarget()).toHaveLength(0);
  });

  it('H7: refuses answers that are none', async () => {
    await expect(tapOf('upload').down(Buffer.from('bash: welcome\n'))).rejects.toThrow(MalformedTransfer);
  });

  it.each([
    ['upload', 'upload', 'C0644 1 f\n'],
    ['upload', 'mkdir', 'D0755 0 f\n'],
    ['download', 'download', 'C0644 1 f\n'],
  ] as const)(
    'D13: an %s without permission to %s ends, on record, before the other side hears of it',
    async (direction, denied, line) => {
      const tap = tapOf(direction, { [denied]: false });
      const [send, answer] = direction === 'upload' ? (['up', 'down'] as const) : (['down', 'up'] as const);
      await tap[answer](Buffer.alloc(1));
      await expect(tap[send](Buffer.from(line))).rejects.toMatchObject({ code: 'file.forbidden' });
      expect(direction === 'upload' ? ends.atTarget() : ends.atClient()).toHaveLength(0);
      expect(record.lines).toEqual([`refused ${denied} f`]);
    },
  );

  it('passes nothing that could not be recorded', async () => {
    const tap = tapOf('upload');
    await tap.down(Buffer.alloc(1));
    record.failing = true;
    await expect(tap.up(Buffer.from('C0644 1 f\n'))).rejects.toMatchObject({ code: 'audit.unavailable' });
    expect(ends.atTarget()).toHaveLength(0);
  });

  it('returns when the other side will answer no more', async () => {
    const tap = tapOf('download');
    const sending = tap.down(Buffer.from('C0644 5 f\nhello\0'));
    await tap.up(Buffer.alloc(1));
    tap.ended('up');
    await sending;
    tap.end();
    expect(record.lines).toEqual(['download f', 'failed 0: 0 read, 0 written']);
  });
});
