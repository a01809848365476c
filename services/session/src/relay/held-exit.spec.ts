import type { Channel, ChannelRequest } from '@sallyport/ssh-wire';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HeldExit } from './held-exit.js';

let sent: ChannelRequest[];
let held: HeldExit;
const exit: ChannelRequest = { name: 'exit-status', wantReply: false, payload: Buffer.alloc(4) };

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  const channel: Pick<Channel, 'request'> = {
    request: (request) => {
      sent.push(request);
      return Promise.resolve(true);
    },
  };
  held = new HeldExit(channel);
});
afterEach(() => {
  vi.useRealTimers();
});

it('waits for the end of data, and leaves once', () => {
  held.hold(exit);
  expect(sent).toEqual([]);
  held.release();
  held.release();
  vi.runAllTimers();
  expect(sent).toEqual([exit]);
});

it('waits while data comes, and no longer than a second without', () => {
  held.hold(exit);
  for (let i = 0; i < 5; i += 1) {
    vi.advanceTimersByTime(900);
    held.wait();
  }
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual([exit]);
});

it('does nothing without an exit', () => {
  held.wait();
  held.release();
  vi.runAllTimers();
  expect(sent).toEqual([]);
});
