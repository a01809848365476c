import { setTimeout as wait } from 'node:timers/promises';
import { RotateSecretRoute } from '@sallyport/contracts';
import { RestProblem } from '@sallyport/testing';
import type { RestClient } from '@sallyport/testing';
import type { EmulatedCloud, RotationWay } from './emulated-cloud.js';

/** Both orders by turns, with failures of unknown outcome among them, and one that did nothing. */
const ways: readonly RotationWay[] = [
  { order: 'host-first', fail: null },
  { order: 'kms-first', fail: null },
  { order: 'host-first', fail: 'after' },
  { order: 'kms-first', fail: null },
  { order: 'host-first', fail: null },
  { order: 'kms-first', fail: 'after' },
  { order: 'host-first', fail: null },
  { order: 'kms-first', fail: null },
  { order: 'host-first', fail: 'before' },
  { order: 'kms-first', fail: null },
];

/** How many rotations began, by how they went, as `kms-first, failed after`; `not begun` while one was under way. */
export type RotationCounts = Record<string, number>;

/** Rotates all of the secrets at a fixed rhythm until told to stop. */
export async function rotateOn(
  admin: RestClient,
  cloud: EmulatedCloud,
  secretNames: readonly string[],
  { everyMs, gapMs }: { everyMs: number; gapMs: number },
  stop: AbortSignal,
): Promise<RotationCounts> {
  const counts: RotationCounts = {};
  for (let turn = 0; !stop.aborted; turn += 1) {
    const startedAt = performance.now();
    const way = ways[turn % ways.length] ?? { order: 'host-first', fail: null };
    await cloud.rotateLike({ ...way, gapMs });
    const begun = await Promise.all(secretNames.map((name) => begin(admin, name)));
    for (const began of begun) {
      const what = began ? `${way.order}${way.fail ? `, failed ${way.fail}` : ''}` : 'not begun';
      counts[what] = (counts[what] ?? 0) + 1;
    }
    // A late one does not make the next one early.
    await wait(Math.max(0, startedAt + everyMs - performance.now()), undefined, { signal: stop }).catch(
      () => undefined,
    );
  }
  return counts;
}

/** False while another rotation of it is under way. */
async function begin(admin: RestClient, name: string): Promise<boolean> {
  try {
    await admin.call(RotateSecretRoute, { params: { name }, body: {} });
    return true;
  } catch (error) {
    if (error instanceof RestProblem && error.problem.code === 'secret.rotating') return false;
    throw error;
  }
}
