import { FilePolicy } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordedFiles } from '../../testing/recorded-files.js';
import { packet, sftp } from '../../testing/sftp-packets.js';
import { collectEnds, cut } from '../../testing/tap-ends.js';
import type { CollectedEnds } from '../../testing/tap-ends.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { Fx, Fxp } from './protocol.js';
import { SftpTap } from './sftp-tap.js';

const [READ, WRITE_NEW] = [1, 2 | 8 | 16];
const everything = FilePolicy.parse({});
const nothing = Object.fromEntries(Object.keys(everything).map((key) => [key, false])) as FilePolicy;

let ends: CollectedEnds;
let record: RecordedFiles;
beforeEach(() => {
  ends = collectEnds();
  record = new RecordedFiles();
});

const explain = (error: unknown): string => (error instanceof DomainError ? error.message : 'unforeseen');
const tapOf = (policy: FilePolicy): SftpTap => new SftpTap(ends, record, { policy, explain });

/** Id, code and message of each status that the client got. */
function statuses(bytes: Buffer): [number, number, string][] {
  const found: [number, number, string][] = [];
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(4 + rest.readUInt32BE())) {
    const reader = new SshReader(rest.subarray(5, 4 + rest.readUInt32BE()));
    if (rest[4] === Fxp.status) found.push([reader.uint32(), reader.uint32(), reader.text()]);
  }
  return found;
}

/** A client that gets one file and puts another, and what the host answers. */
const content = Buffer.alloc(5_000, 'x');
const up = [
  sftp.init(),
  sftp.open(1, '/etc/motd', READ),
  sftp.read(2, 'h1', 9_000),
  sftp.close(3, 'h1'),
  sftp.open(4, 'new', WRITE_NEW),
  sftp.write(5, 'h1', content),
  sftp.close(6, 'h1'),
];
const down = [
  sftp.version(),
  sftp.handle(1, 'h1'),
  sftp.data(2, content.subarray(0, 700)),
  sftp.status(3, Fx.ok),
  sftp.handle(4, 'h1'),
  sftp.status(5, Fx.ok),
  sftp.status(6, Fx.ok),
];

describe('SftpTap', () => {
  it('H7: passes every byte and records the same, however both streams are cut', async () => {
    const places = fc.array(fc.nat(), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(places, places, async (upAt, downAt) => {
        ends = collectEnds();
        record = new RecordedFiles();
        const tap = tapOf(everything);
        for (const chunk of cut(Buffer.concat(up), upAt)) await tap.up(chunk);
        for (const chunk of cut(Buffer.concat(down), downAt)) await tap.down(chunk);
        tap.end();
        expect(ends.atTarget()).toEqual(Buffer.concat(up));
        expect(ends.atClient()).toEqual(Buffer.concat(down));
        expect(record.lines).toEqual([
          'download /etc/motd',
          'upload new',
          'closed 0: 700 read, 0 written',
          'closed 1: 0 read, 5000 written',
        ]);
      }),
    );
  });

  it('H7: any bytes on either side end in the one declared error or in nothing', async () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (chunks, upward) => {
        const tap = tapOf(everything);
        if (upward) await tap.up(sftp.init());
        try {
          for (const chunk of chunks) await (upward ? tap.up(Buffer.from(chunk)) : tap.down(Buffer.from(chunk)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTransfer);
        }
        tap.end();
      }),
    );
  });

  it('H7: any content of any request ends in the one declared error or in nothing', async () => {
    const types = fc.constantFrom(...Object.values(Fxp));
    await fc.assert(
      fc.asyncProperty(types, fc.uint8Array({ maxLength: 80 }), async (type, bytes) => {
        const tap = tapOf(everything);
        await tap.up(sftp.init());
        try {
          await tap.up(packet(type, Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTransfer);
        }
      }),
    );
  });

  const extensionNames = (...names: string[]) =>
    names.reduce((writer, name) => writer.string(name), new SshWriter()).bytes();
  const writing: [string, keyof FilePolicy, Buffer][] = [
    ['an open for reading', 'download', sftp.open(1, 'p', READ)],
    ['an open without flags', 'download', sftp.open(1, 'p', 0)],
    ['an open for writing', 'upload', sftp.open(1, 'p', 2)],
    ['an open that creates', 'upload', sftp.open(1, 'p', READ | 8)],
    ['an open that empties', 'upload', sftp.open(1, 'p', READ | 16)],
    ['a new size', 'upload', sftp.resize(Fxp.setstat, 1, 'p', 0n)],
    ['a symbolic link', 'upload', sftp.named(Fxp.symlink, 1, 'p', 'q')],
    ['a removal', 'remove', sftp.named(Fxp.remove, 1, 'p')],
    ['a rename', 'rename', sftp.named(Fxp.rename, 1, 'p', 'q')],
    ['posix-rename', 'rename', sftp.extended(1, 'posix-rename@openssh.com', extensionNames('p', 'q'))],
    ['hardlink', 'rename', sftp.extended(1, 'hardlink@openssh.com', extensionNames('p', 'q'))],
    ['mkdir', 'mkdir', sftp.named(Fxp.mkdir, 1, 'p')],
    ['rmdir', 'rmdir', sftp.named(Fxp.rmdir, 1, 'p')],
  ];
  it.each(writing)(
    'D13: %s needs %s: refused without it, on record, and nothing reaches the host',
    async (_, needed, request) => {
      const tap = tapOf({ ...everything, [needed]: false });
      await tap.up(Buffer.concat([sftp.init(), request]));
      await tap.down(sftp.version());
      expect(ends.atTarget()).toEqual(sftp.init());
      expect(statuses(ends.atClient())).toEqual([[1, Fx.permissionDenied, expect.stringContaining(`(${needed})`)]]);
      expect(record.lines).toEqual([`refused ${needed} p`]);
    },
  );

  it.each(writing)('D13: %s passes with %s alone, after it is recorded', async (_, needed, request) => {
    const also = request[4] === Fxp.open ? { download: true } : {};
    const tap = tapOf({ ...nothing, ...also, [needed]: true });
    await tap.up(Buffer.concat([sftp.init(), request]));
    expect(ends.atTarget()).toEqual(Buffer.concat([sftp.init(), request]));
    expect(record.lines).toHaveLength(1);
  });

  it('D13: looking around is always permitted', async () => {
    const requests = [
      ...[Fxp.lstat, Fxp.opendir, Fxp.realpath, Fxp.stat, Fxp.readlink].map((type, id) => sftp.named(type, id, 'p')),
      ...['statvfs@openssh.com', 'limits@openssh.com', 'expand-path@openssh.com', 'home-directory'].map((name, id) =>
        sftp.extended(100 + id, name, extensionNames('p')),
      ),
    ];
    await tapOf(nothing).up(Buffer.concat([sftp.init(), ...requests]));
    expect(ends.atTarget()).toEqual(Buffer.concat([sftp.init(), ...requests]));
    expect(ends.atClient()).toHaveLength(0);
  });

  it('D13: what nobody knows is not passed on, whatever policy says', async () => {
    const tap = tapOf(everything);
    await tap.up(Buffer.concat([sftp.init(), sftp.extended(1, 'run@example.com'), packet(21, Buffer.alloc(4, 7))]));
    await tap.down(sftp.version());
    expect(ends.atTarget()).toEqual(sftp.init());
    expect(statuses(ends.atClient()).map(([id, code]) => [id, code])).toEqual([
      [1, Fx.opUnsupported],
      [0x07070707, Fx.opUnsupported],
    ]);
  });

  it('D13: a refusal comes when its turn comes, and never within an answer of the host', async () => {
    const tap = tapOf({ ...everything, remove: false });
    await tap.up(Buffer.concat([sftp.init(), sftp.open(1, 'f', READ), sftp.named(Fxp.remove, 2, 'f')]));
    expect(ends.atClient()).toHaveLength(0);
    await tap.down(Buffer.concat([sftp.version(), sftp.handle(1, 'h')]));
    await tap.up(sftp.read(3, 'h', 10));
    const answer = sftp.data(3, Buffer.alloc(10));
    await tap.down(answer.subarray(0, 15));
    await tap.up(sftp.named(Fxp.remove, 4, 'g'));
    expect(statuses(ends.atClient().subarray(0, -15)).map(([id]) => id)).toEqual([2]);
    await tap.down(answer.subarray(15));
    const tail = ends.atClient().subarray(ends.atClient().indexOf(answer));
    expect(statuses(tail.subarray(answer.length)).map(([id]) => id)).toEqual([4]);
  });

  it('D13: a refusal does not come before the greeting', async () => {
    const tap = tapOf(nothing);
    await tap.up(Buffer.concat([sftp.init(), sftp.named(Fxp.remove, 1, 'f')]));
    expect(ends.atClient()).toHaveLength(0);
    await tap.down(sftp.version());
    expect(statuses(ends.atClient().subarray(sftp.version().length)).map(([id]) => id)).toEqual([1]);
  });

  it('takes no more requests than the host answers, and goes on when it does or is gone', async () => {
    const tap = tapOf(everything);
    await tap.up(sftp.init());
    const many = Array.from({ length: 20_000 }, (_, id) => sftp.named(Fxp.stat, id, 'f'));
    await tap.up(Buffer.concat(many));
    let passed = 0;
    const more = [tap.up(sftp.named(Fxp.stat, 20_000, 'f')).then(() => (passed += 1))];
    await new Promise(setImmediate);
    expect(passed).toBe(0);
    await tap.down(Buffer.concat([sftp.version(), ...many.slice(0, 10_000).map((_, id) => sftp.status(id, Fx.ok))]));
    await Promise.all(more);
    await tap.up(Buffer.concat(Array.from({ length: 10_000 }, (_, id) => sftp.named(Fxp.stat, id, 'f'))));
    const last = tap.up(sftp.named(Fxp.stat, 30_000, 'f'));
    tap.ended('down');
    await last;
  });

  it('passes nothing that could not be recorded, and the session lives', async () => {
    const tap = tapOf(everything);
    record.failing = true;
    await tap.up(Buffer.concat([sftp.init(), sftp.named(Fxp.remove, 1, 'f')]));
    await tap.down(sftp.version());
    expect(statuses(ends.atClient())).toEqual([[1, Fx.failure, 'this cannot be recorded now']]);
    record.failing = false;
    await tap.up(sftp.named(Fxp.remove, 2, 'f'));
    expect(ends.atTarget()).toEqual(Buffer.concat([sftp.init(), sftp.named(Fxp.remove, 2, 'f')]));
  });

  it('waits for the record, and keeps the order of requests meanwhile', async () => {
    let stored: () => void = () => undefined;
    record.hold = new Promise((resolve) => (stored = resolve));
    const requests = [sftp.init(), sftp.named(Fxp.mkdir, 1, 'd'), sftp.named(Fxp.lstat, 2, 'd')];
    const done = tapOf(everything).up(Buffer.concat(requests));
    await new Promise(setImmediate);
    expect(ends.atTarget()).toEqual(sftp.init());
    stored();
    await done;
    expect(ends.atTarget()).toEqual(Buffer.concat(requests));
  });

  it('records changes through handles by the names of their files, and what the host did not do', async () => {
    const tap = tapOf(everything);
    await tap.up(Buffer.concat([sftp.init(), sftp.open(1, 'a', READ), sftp.open(2, 'b', WRITE_NEW)]));
    await tap.down(Buffer.concat([sftp.version(), sftp.handle(1, 'A'), sftp.handle(2, 'B')]));
    const ranges = new SshWriter().string('A').uint64(0n).uint64(0n).string('B').uint64(0n).bytes();
    await tap.up(Buffer.concat([sftp.extended(3, 'copy-data', ranges), sftp.resize(Fxp.fsetstat, 4, 'A', 5n)]));
    await tap.up(Buffer.concat([sftp.resize(Fxp.fsetstat, 5, 'C', 5n), sftp.open(6, 'none', READ)]));
    await tap.down(Buffer.concat([sftp.status(3, Fx.ok), sftp.status(4, Fx.permissionDenied), sftp.status(6, 2)]));
    tap.end();
    expect(record.lines).toEqual([
      'download a',
      'upload b',
      'copy-data a b (all bytes from 0 to 0)',
      'set-attributes a (size 5)',
      'download none',
      'failed set-attributes a: status 3',
      'failed 2: 0 read, 0 written',
      'channel-ended 0: 0 read, 0 written',
      'channel-ended 1: 0 read, 0 written',
    ]);
    expect(statuses(ends.atClient()).find(([id]) => id === 5)?.[1]).toBe(Fx.failure);
  });

  it('takes the size of a file that is open for writing, on record, for a write', async () => {
    const tap = tapOf({ ...everything, download: false });
    await tap.up(Buffer.concat([sftp.init(), sftp.open(1, 'b', WRITE_NEW)]));
    await tap.down(Buffer.concat([sftp.version(), sftp.handle(1, 'B')]));
    const cutIt = sftp.resize(Fxp.fsetstat, 2, 'B', 5n);
    await tap.up(cutIt);
    expect(ends.atTarget().subarray(-cutIt.length)).toEqual(cutIt);
    expect(record.lines).toEqual(['upload b']);
  });

  it('lets nobody agree on a version whose requests are laid out in another way', async () => {
    const tap = tapOf(everything);
    await tap.up(sftp.init(6));
    expect(ends.atTarget()).toEqual(sftp.init(3));
    await expect(tap.down(sftp.version(4))).rejects.toThrow(MalformedTransfer);
  });

  it.each([
    ['a stream that does not begin with INIT', [sftp.named(Fxp.remove, 1, 'f')]],
    ['a second INIT', [sftp.init(), sftp.init()]],
    ['an id that is in use', [sftp.init(), sftp.named(Fxp.stat, 1, 'f'), sftp.named(Fxp.stat, 1, 'f')]],
    ['a handle of more than 256 bytes', [sftp.init(), sftp.close(1, 'h'.repeat(257))]],
    [
      'a name that is longer than its packet',
      [sftp.init(), packet(Fxp.remove, Buffer.from('00000001000000ff66', 'hex'))],
    ],
  ])('ends with %s', async (_, packets) => {
    await expect(tapOf(everything).up(Buffer.concat(packets))).rejects.toThrow(MalformedTransfer);
  });
});
