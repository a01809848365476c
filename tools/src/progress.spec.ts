import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { say, step } from '../progress.mjs';

let written = '';
const isTerminal = process.stdout.isTTY;

beforeEach(() => {
  written = '';
  vi.useFakeTimers();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  process.stdout.isTTY = isTerminal;
});

const seconds = (n: number) => new Promise<void>((resolve) => setTimeout(resolve, n * 1_000));

test('counts the seconds of a step on a terminal, until something else is said', async () => {
  process.stdout.isTTY = true;
  const steps = step('installing', () => seconds(2.5)).then(() => step('starting', () => seconds(2.5)));
  await vi.advanceTimersByTimeAsync(4_000);
  say('by the way');
  await vi.advanceTimersByTimeAsync(1_000);
  await steps;
  const first = 'installing … \rinstalling … 1 s\rinstalling … 2 s\rinstalling … 2.5 s\n';
  expect(written).toBe(`${first}starting … \rstarting … 1 s\nby the way\nstarting: 2.5 s\n`);
});

test('writes a line a step into a file', async () => {
  process.stdout.isTTY = false;
  const steps = step('installing', () => seconds(2.5));
  await vi.advanceTimersByTimeAsync(2_500);
  await steps;
  expect(written).toBe('installing … 2.5 s\n');
});
