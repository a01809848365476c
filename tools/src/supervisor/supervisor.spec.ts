import { waitFor } from '@sallyport/testing';
import { expect, test } from 'vitest';
import type { Member } from './member.js';
import { Supervisor } from './supervisor.js';

/** A member that can be made to end, and to fail at its next starts. */
class Puppet implements Member {
  failures = 0;
  starts = 0;
  running = false;
  #end: (how: string) => void = () => undefined;
  #ended = Promise.resolve('never started');

  constructor(
    readonly name: string,
    private readonly diary: string[] = [],
  ) {}

  start(): Promise<void> {
    this.starts += 1;
    if (this.failures-- > 0) return Promise.reject(new Error(`${this.name} did not start`));
    this.running = true;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.diary.push(`${this.name} up`);
    return Promise.resolve();
  }

  ended(): Promise<string> {
    return this.#ended;
  }

  stop(): Promise<void> {
    this.die('stopped');
    return Promise.resolve();
  }

  die(how: string): void {
    if (this.running) this.diary.push(`${this.name} down`);
    this.running = false;
    this.#end(how);
  }
}

function supervisor(lines: string[] = [], attempts = 10): Supervisor {
  const say = (line: string): void => void lines.push(line);
  return new Supervisor({ say, firstPauseMs: 1, longestPauseMs: 2, attempts });
}

test('stops in the reverse order of the start, batch by batch', async () => {
  const diary: string[] = [];
  const all = supervisor();
  await all.start(new Puppet('database', diary));
  await all.start(new Puppet('asset', diary), new Puppet('audit', diary));
  await Promise.all([all.stop(), all.stop()]);
  expect(diary).toEqual(['database up', 'asset up', 'audit up', 'asset down', 'audit down', 'database down']);
});

test('brings back a member that died, and says so in a line', async () => {
  const lines: string[] = [];
  const all = supervisor(lines);
  const session = new Puppet('session');
  await all.start(session);
  session.failures = 2;
  session.die('SIGKILL');
  await waitFor(() => lines.length === 2, { what: 'both lines' });
  expect(lines).toEqual(['session ended unexpectedly (SIGKILL); starting it again', 'session is back']);
  expect(session.starts).toBe(4);
  session.die('exit code 1');
  await waitFor(() => lines.length === 4 && session.running, { what: 'the second return' });
  await all.stop();
  expect(session.running).toBe(false);
});

test('fails at once when a member does not start the first time', async () => {
  const all = supervisor();
  const asset = new Puppet('asset');
  asset.failures = 1;
  await expect(all.start(asset)).rejects.toThrow('asset did not start');
  expect(asset.starts).toBe(1);
  await all.stop();
});

test('gives up on a member that cannot be brought back', async () => {
  const all = supervisor([], 3);
  const audit = new Puppet('audit');
  await all.start(audit);
  audit.failures = 99;
  audit.die('exit code 2');
  await expect(all.gaveUp).rejects.toThrow('audit did not start');
  expect(audit.starts).toBe(4);
});

test('brings nothing back once it was told to stop', async () => {
  const lines: string[] = [];
  const all = supervisor(lines);
  const api = new Puppet('api');
  await all.start(api);
  api.failures = 99;
  api.die('SIGKILL');
  await waitFor(() => lines.length === 1, { what: 'the notice' });
  await all.stop();
  const { starts } = api;
  api.failures = 0;
  await expect(all.start(api)).rejects.toThrow('stopped');
  expect(api.running).toBe(false);
  expect(api.starts).toBe(starts);
});
