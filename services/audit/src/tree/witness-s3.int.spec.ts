import { createHash } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startS3 } from '../testing/s3-server.suite.js';
import type { Checkpoint } from './tree-store.js';
import { S3Witness } from './witness-s3.js';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());
beforeEach(() => {
  s3.objects.clear();
  s3.meet('none');
});

const madeAt = new Date('2026-11-27T00:00:00Z');
const checkpoint = (size: number, log = 'a'): Checkpoint => {
  const root = createHash('sha256').update(`${log}${size}`).digest();
  return { size, root, note: `${log} at ${size}\n`, madeAt };
};
const witness = (secret = s3.keys.secret) =>
  new S3Witness({ ...s3.place, accessKey: { id: s3.keys.id, secret: Secret.of(secret) } });
const kept = () =>
  [...s3.objects].sort().map(([, bytes]) => (JSON.parse(bytes.toString()) as { checkpoint: string }).checkpoint);

it('keeps each checkpoint as an object, in the order of the log, and one that two replicas tell once', async () => {
  const replicas = [witness(), witness()];
  for (const size of [9, 1_000, 70])
    for (const replica of replicas) await expect(replica.tell(checkpoint(size))).resolves.toBeUndefined();
  expect(kept()).toEqual(['a at 9\n', 'a at 70\n', 'a at 1000\n']);
  expect(s3.refused.filter((code) => code === 'PreconditionFailed')).toHaveLength(3);
  expect([...s3.objects.values()][0]?.toString()).toBe(
    `{"checkpoint":"a at 9\\n","madeAt":"2026-11-27T00:00:00.000Z"}\n`,
  );
});

it('F7: keeps what it saw of a log beside that of one written anew', async () => {
  await witness().tell(checkpoint(9));
  await witness().tell(checkpoint(9, 'b'));
  expect(kept().sort()).toEqual(['a at 9\n', 'b at 9\n']);
});

it('does without conditional writes where there are none', async () => {
  s3.meet('unconditional');
  const one = witness();
  for (const size of [9, 9, 70]) await one.tell(checkpoint(size));
  expect(kept()).toEqual(['a at 9\n', 'a at 70\n']);
});

it('tells of a bucket that takes nothing', async () => {
  s3.meet('error');
  await expect(witness().tell(checkpoint(9))).rejects.toMatchObject({ name: 'SlowDown' });
  s3.meet('none');
  await expect(witness('another').tell(checkpoint(9))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  expect(kept()).toEqual([]);
});
