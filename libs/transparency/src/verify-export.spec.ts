import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { blockLeaves, blockLine, eventLine, exportFormat, headLine } from './export-format.js';
import { leafHash, rootOf, subtreesOf } from './merkle-tree.js';
import { NoteSigner, NoteVerifier } from './signed-note.js';
import { ExportVerifier, Tampered, type Expectation } from './verify-export.js';

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const signer = new NoteSigner('example.com/log', pem);
const bodyOf = (sequence: number) => JSON.stringify({ id: sequence, text: `"ü\\ ${sequence}` });
const bodies = (count: number, edit = (_: number) => '') =>
  Array.from({ length: count }, (_, n) => edit(n + 1) || bodyOf(n + 1));

const checkpointOf = (all: readonly string[]) =>
  signCheckpoint(signer, { size: all.length, root: rootOf(all.map((body) => leafHash(Buffer.from(body)))) });

/** The lines of an export of `first` to `last`, or of some of them. */
function linesOf(all: readonly string[], first = 1, last = all.length, some?: readonly number[]): string[] {
  const hashes = all.map((body) => leafHash(Buffer.from(body)));
  const nodes = (from: number, to: number) =>
    subtreesOf(from, to).map(({ level, index }) => rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)));
  const head = {
    format: exportFormat,
    checkpoint: checkpointOf(all),
    first,
    last,
    selection: some !== undefined,
  } as const;
  const lines = [headLine(head)];
  for (let begin = first - 1; begin < last;) {
    const end = Math.min(last, (Math.floor(begin / blockLeaves) + 1) * blockLeaves);
    const wanted = Array.from({ length: end - begin }, (_, n) => begin + n + 1).filter(
      (n) => some?.includes(n) ?? true,
    );
    if (wanted.length > 0)
      lines.push(
        blockLine({
          first: begin + 1,
          leaves: hashes.slice(begin, end),
          left: nodes(0, begin),
          right: nodes(end, all.length),
        }),
        ...wanted.map((sequence) => eventLine(sequence, all[sequence - 1] ?? '')),
      );
    begin = end;
  }
  return lines;
}

function verify(lines: readonly string[], expected?: Expectation) {
  const verifier = new ExportVerifier(new NoteVerifier(signer.verifierKey), expected);
  for (const line of lines) verifier.line(line);
  return verifier.end();
}

describe('an export (F7)', () => {
  const all = bodies(600);
  const lines = linesOf(all);
  const at = (sequence: number) => lines.findIndex((line) => line.startsWith(`{"sequence":${sequence},`));
  const without = (index: number) => lines.filter((_, n) => n !== index);
  const replaced = (index: number, line: string) => lines.map((each, n) => (n === index ? line : each));

  it('that is whole verifies, as do a part and a selection of it', () => {
    expect(verify(lines)).toEqual({ size: 600, events: 600, first: 1, last: 600, uncompared: [] });
    expect(verify(linesOf(all, 100, 300), { first: 100, last: 300 })).toMatchObject({ events: 201 });
    const some = linesOf(all, 1, 600, [3, 4, 599]);
    expect(verify(some, { selection: true })).toMatchObject({ events: 3 });
    expect(some.filter((line) => line.startsWith('{"block"'))).toHaveLength(2);
    expect(verify(linesOf(bodies(1)))).toMatchObject({ events: 1 });
  });

  it('F7: with an event changed, swapped, cut, removed or put in names it', () => {
    expect(() => verify(replaced(at(300), eventLine(300, bodyOf(301))))).toThrow('event 300 was changed');
    expect(() => verify(without(at(300)))).toThrow('event 300 is missing: event 301 stands in its place');
    expect(() => verify(without(at(256)))).toThrow('event 256: the block of 257 stands there');
    expect(() => verify(lines.slice(0, at(481)))).toThrow('event 481 is the first of 120 missing');
    expect(() => verify(replaced(at(42), lines[at(42)]?.slice(0, -7) ?? ''))).toThrow(
      'event 42: the line there is damaged',
    );
    const swapped = replaced(at(7), lines[at(8)] ?? '').map((line, n) => (n === at(8) ? (lines[at(7)] ?? '') : line));
    expect(() => verify(swapped)).toThrow('event 7 is missing: event 8 stands in its place');
    expect(() => verify([...lines.slice(0, at(5)), lines[at(5)] ?? '', ...lines.slice(at(5))])).toThrow(
      'event 6 is missing: event 5',
    );
    expect(() => verify([...lines, lines.at(-1) ?? ''])).toThrow(/event 601/);
  });

  it('F7: whose hashes were changed with the event names the block', () => {
    const forged = linesOf(bodies(600, (n) => (n === 300 ? '{"id":300,"text":"nothing happened"}' : '')));
    forged[0] = lines[0] ?? '';
    expect(() => verify(forged)).toThrow('events 1 to 256: their hashes are not those of the log');
    const block = lines.findIndex((line) => line.startsWith('{"block":{"first":257,'));
    const patched = [...lines];
    patched[block] = (lines[block] ?? '').replace(
      /"leaves":\["[^"]+"/,
      `"leaves":["${leafHash(Buffer.from('x')).toString('base64')}"`,
    );
    expect(() => verify(patched)).toThrow('events 257 to 512: their hashes are not those of the log');
    expect(() => verify(without(block))).toThrow(/event 257/);
  });

  it('F7: that claims to be smaller than the log was is refused', () => {
    const shorter = linesOf(all, 1, 480);
    expect(() => verify(shorter)).toThrow('the export is of events 1 to 480, and not of 1 to 600');
    expect(() => verify(linesOf(all, 1, 600, [3]))).toThrow('events were left out');
    expect(() => verify([])).toThrow('empty');
    expect(() => verify(lines.slice(1))).toThrow('head');
  });

  it('F7: that lacks its beginning is whole only where the log itself says that this was removed', () => {
    const pruned = (last: number) =>
      JSON.stringify({ type: 'io.sallyport.audit-log.pruned.v1', data: { lastSequence: last } });
    const old = bodies(600, (n) => (n === 500 ? pruned(280) : ''));
    const witnessed = [100, 300, 600].map((size) => checkpointOf(old.slice(0, size)));
    expect(verify(linesOf(old, 281), { witnessed })).toMatchObject({ events: 320, first: 281, uncompared: [100] });
    for (const first of [280, 282, 501])
      expect(() => verify(linesOf(old, first))).toThrow(`is of events ${first} to 600, and not of 1 to 600`);
    expect(() => verify(linesOf(all, 281))).toThrow('is of events 281 to 600, and not of 1 to 600');
    const forged = checkpointOf(bodies(300, (n) => (n === 5 ? '{}' : '')));
    expect(() => verify(linesOf(old, 281), { witnessed: [forged] })).toThrow('not the log that a witness saw');
  });

  it('F7: no byte of it can be changed or taken away', () => {
    const text = linesOf(bodies(3)).join('\n');
    for (let place = 0; place < text.length; place += 1) {
      const changed = text[place] === 'x' ? 'y' : 'x';
      for (const tampered of [
        `${text.slice(0, place)}${changed}${text.slice(place + 1)}`,
        `${text.slice(0, place)}${text.slice(place + 1)}`,
      ])
        expect(() => verify(tampered.split('\n')), tampered).toThrow();
    }
  });
});

describe('what a witness saw (F7)', () => {
  const all = bodies(600);
  const witnessed = [100, 600].map((size) => checkpointOf(all.slice(0, size)));

  it('is the beginning of the log', () => {
    expect(verify(linesOf(all), { witnessed })).toMatchObject({ uncompared: [] });
    expect(verify(linesOf(all, 300, 400), { first: 300, last: 400, witnessed })).toMatchObject({
      uncompared: [100, 600],
    });
  });

  it('F7: shows that the database was rolled back', () => {
    expect(() => verify(linesOf(all.slice(0, 400)), { witnessed })).toThrow(
      'the log was rolled back: a witness saw 600 events, and this export knows of 400',
    );
  });

  it('F7: shows that the log was written anew, although it is longer now', () => {
    const rewritten = bodies(700, (n) => (n === 50 ? '{"id":50}' : ''));
    expect(() => verify(linesOf(rewritten), { witnessed })).toThrow(
      'not the log that a witness saw when it had 100 events',
    );
  });

  it('counts only when the log has signed it', () => {
    const pemOfAnother = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const forged = signCheckpoint(new NoteSigner('example.com/log', pemOfAnother), {
      size: 1,
      root: leafHash(Buffer.from('x')),
    });
    expect(() => verify(linesOf(all), { witnessed: [forged] })).toThrow('not signed by the log');
  });
});

describe('an export that somebody else wrote (H7)', () => {
  const lines = linesOf(bodies(20));

  it('H7: any change of any line is found, with the one declared error; nothing else is thrown', () => {
    const edit = fc.record({
      line: fc.nat(lines.length - 1),
      at: fc.nat(400),
      gone: fc.nat(3),
      put: fc.oneof(
        fc.string({ maxLength: 6, unit: 'binary' }),
        fc.constantFrom('"', '}', '[[[[', '0', '-1', '1e999', 'null'),
      ),
    });
    fc.assert(
      fc.property(edit, ({ line, at, gone, put }) => {
        const changed = lines.map((text, n) => (n === line ? text.slice(0, at) + put + text.slice(at + gone) : text));
        fc.pre(changed[line] !== lines[line]);
        expect(() => verify(changed)).toThrow(Tampered);
      }),
    );
  });

  it('H7: any text is refused, with the one declared error', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.json())), (text) => {
        expect(() => verify(text)).toThrow(Tampered);
      }),
    );
  });
});
