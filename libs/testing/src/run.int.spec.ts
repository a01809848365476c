import { expect, test } from 'vitest';
import { mustRun, run } from './run.js';

test('gives exit code and streams apart, passes input and environment', async () => {
  const result = await run('sh', ['-c', 'cat; echo "$WORD" >&2; exit 3'], { input: 'in', env: { WORD: 'said' } });
  expect(result).toEqual({ code: 3, signal: null, stdout: 'in', stderr: 'said\n' });
});

test('kills the whole group of a command that takes too long', async () => {
  await expect(run('sh', ['-c', 'echo started >&2; sleep 60 & wait'], { timeoutMs: 300 })).rejects.toThrow(
    /within 300 ms/,
  );
});

test('says which command is missing or failed', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow(/no-such-program/);
  await expect(mustRun('sh', ['-c', 'echo broken >&2; exit 1'])).rejects.toThrow(/ended with 1: broken/);
});
