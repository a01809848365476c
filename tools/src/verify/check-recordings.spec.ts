import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { CheckRecordings } from './check-recordings.js';

const objects = ['s1/0-aa.cast.sealed', 's1/1-bb.cast.sealed', 's2/0-cc.cast.sealed'];
const told = objects.map((object, i) => {
  const event = { type: 'io.sallyport.recording.stored.v1', data: { object, storedBytes: 100 + i } };
  return JSON.stringify({ sequence: i + 1, event });
});
const viewed = { type: 'io.sallyport.recording.viewed.v1', data: {} };

it('F7: names each recording that was stored and is not there any more, or is another one', () => {
  const folder = tempDir();
  const check = (): string => {
    const checked = new CheckRecordings(folder);
    for (const line of [...told, JSON.stringify({ sequence: 4, event: viewed })]) checked.line(line);
    return checked.end();
  };
  for (const [i, object] of objects.entries()) {
    mkdirSync(dirname(join(folder, object)), { recursive: true });
    writeFileSync(join(folder, object), Buffer.alloc(100 + i));
  }
  expect(check()).toBe('3 stored recordings: all there');
  rmSync(join(folder, 's1/1-bb.cast.sealed'));
  writeFileSync(join(folder, 's2/0-cc.cast.sealed'), Buffer.alloc(100));
  expect(check).toThrow(
    'recording s1/1-bb.cast.sealed, of event 2, is missing\nrecording s2/0-cc.cast.sealed, of event 3, has 100 bytes, and had 102',
  );
  rmSync(join(folder, 's1'), { recursive: true });
  expect(check).toThrow(/^recording s1\/0-aa.*\nrecording s1\/1-bb.*\nrecording s2/);
});
