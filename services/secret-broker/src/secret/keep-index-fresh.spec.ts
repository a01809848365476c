import { logger } from '@sallyport/telemetry';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeKms } from '../kms/kms.fake.js';
import { KeepIndexFresh } from './keep-index-fresh.js';
import type { SecretIndex } from './secret-index.js';
import { newIndex } from './secret-index.suite.js';

const [regionId, everyMs] = ['cn-hangzhou', 1_000];
let kms: FakeKms;
let index: SecretIndex;
let keep: KeepIndexFresh;

beforeEach(async () => {
  vi.useFakeTimers();
  kms = new FakeKms();
  index = newIndex(kms);
  await index.all(regionId);
  kms.calls.length = 0;
  keep = new KeepIndexFresh(index, everyMs, logger('test', 'silent'));
});
afterEach(() => {
  keep.stop();
  vi.useRealTimers();
});

it('refreshes the index at its rhythm, also after KMS failed, until it is stopped', async () => {
  kms.failNext({ kmsCode: 'ECONNREFUSED', answered: false, httpStatus: 0 });
  await vi.advanceTimersByTimeAsync(3 * everyMs);
  expect(kms.calls).toEqual(Array(3).fill('ListSecrets'));
  keep.stop();
  await vi.advanceTimersByTimeAsync(3 * everyMs);
  expect(kms.calls).toHaveLength(3);
});

it('does not begin a refresh while one is under way', async () => {
  let refreshes = 0;
  let end = (): void => undefined;
  index.refreshAll = () => {
    refreshes += 1;
    return new Promise((resolve) => (end = resolve));
  };
  await vi.advanceTimersByTimeAsync(3 * everyMs);
  expect(refreshes).toBe(1);
  end();
  await vi.advanceTimersByTimeAsync(everyMs);
  expect(refreshes).toBe(2);
});
