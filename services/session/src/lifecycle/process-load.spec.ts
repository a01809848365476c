import { waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { ProcessLoad } from './process-load.js';

/** Keeps the event loop, as a long computation does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function started(): ProcessLoad {
  const load = new ProcessLoad();
  load.start();
  onTestFinished(() => {
    load.stop();
  });
  return load;
}

it('takes one pause, however long, for no load', async () => {
  const load = started();
  const begin = performance.now();
  let highestMs = 0;
  let paused = false;
  await waitFor(
    () => {
      const passedMs = performance.now() - begin;
      if (!paused && passedMs > 200) {
        block(2_500);
        paused = true;
      }
      highestMs = Math.max(highestMs, load.delayMs);
      return passedMs > 6_000;
    },
    { what: 'both windows after the pause', timeoutMs: 30_000 },
  );
  expect(highestMs).toBeLessThan(100);
});

it('sees a load that lasts, and its end', async () => {
  const load = started();
  const seen = async (isWanted: (delayMs: number) => boolean, work: () => void): Promise<boolean> =>
    waitFor(
      () => {
        work();
        return isWanted(load.delayMs);
      },
      { what: 'the load', timeoutMs: 30_000, everyMs: 1 },
    );
  await seen(
    (delayMs) => delayMs > 100,
    () => {
      block(300);
    },
  );
  await seen(
    (delayMs) => delayMs < 50,
    () => undefined,
  );
});
