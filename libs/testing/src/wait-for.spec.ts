import { expect, test } from 'vitest';
import { waitFor } from './wait-for.js';

test('returns the first answer that is one, and takes a thrown error for "not yet"', async () => {
  let calls = 0;
  const answer = await waitFor(
    () => {
      calls += 1;
      if (calls === 1) throw new Error('not listening');
      return calls > 2 ? { calls } : undefined;
    },
    { what: 'three calls', everyMs: 1 },
  );
  expect(answer).toEqual({ calls: 3 });
});

test('gives up, naming what it waited for and why it was not there', async () => {
  const attempt = waitFor(() => Promise.reject(new Error('refused')), { what: 'a server', timeoutMs: 5, everyMs: 1 });
  await expect(attempt).rejects.toThrow(
    expect.objectContaining({ message: 'waited 5 ms for a server', cause: new Error('refused') }),
  );
});
