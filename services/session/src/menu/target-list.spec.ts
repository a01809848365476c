import type { Target } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { describe, expect, it } from 'vitest';
import { TargetList } from './target-list.js';
import type { TargetPage } from './target-list.js';

const target = (host: string): Target => ({
  host,
  account: 'root',
  instanceId: 'i-1',
  address: '192.0.2.1',
  port: 22,
  status: 'active',
});
/** Pages of 100 of so many hosts, and each question that was asked. */
function hosts(count: number) {
  const asked: string[] = [];
  const all = Array.from({ length: count }, (_, i) => target(`h${i}`));
  const list = (search: string, cursor = '0'): Promise<TargetPage> => {
    asked.push(`${search}@${cursor}`);
    const fits = all.filter(({ host }) => host.includes(search));
    const to = Number(cursor) + 100;
    return Promise.resolve({
      items: fits.slice(Number(cursor), to),
      ...(to < fits.length && { nextCursor: String(to) }),
    });
  };
  return { asked, list: new TargetList(list, () => undefined) };
}

describe('TargetList', () => {
  it('asks once at a time, however fast somebody types, and chooses nothing of an older search', async () => {
    const { list, asked } = hosts(30);
    const fetching = list.fetch();
    for (const letter of 'h2x') void list.type(letter);
    void list.erase('character');
    expect(list.choice).toBeUndefined();
    await fetching;
    expect(asked).toEqual(['@0', 'h2@0']);
    expect(list.choice?.host).toBe('h2');
    void list.type('9');
    expect(list.choice).toBeUndefined();
    await list.settled();
    expect(list.choice?.host).toBe('h29');
  });

  it('fetches more when the choice comes near the end, and no more than a thousand', async () => {
    const { list, asked } = hosts(5_000);
    await list.fetch();
    expect([list.items.length, list.more]).toEqual([100, true]);
    await list.move(60);
    expect(list.items.length).toBe(200);
    for (let i = 0; i < 20; i += 1) await list.move(Infinity);
    expect([list.items.length, list.selected, list.more]).toEqual([1_000, 999, true]);
    expect(asked).toHaveLength(10);
    await list.move(-Infinity);
    expect(list.choice?.host).toBe('h0');
  });

  it('begins at the top of what another search finds, and stays within it', async () => {
    const { list } = hosts(30);
    await list.fetch();
    await list.move(17);
    await list.type('3');
    expect(list.items.map(({ host }) => host)).toEqual(['h3', 'h13', 'h23']);
    expect(list.selected).toBe(0);
    await list.move(99);
    expect(list.choice?.host).toBe('h23');
    await list.type('zzz');
    await list.move(1);
    expect(list.choice).toBeUndefined();
    await list.erase('word');
    expect(list.search).toBe('');
  });

  it('has the reason when there is no list, and the list when it is asked for again', async () => {
    let down = true;
    const list = new TargetList(
      () =>
        down
          ? Promise.reject(new DomainError('service.unavailable', 'down'))
          : Promise.resolve({ items: [target('a')] }),
      () => undefined,
    );
    await list.fetch();
    expect(list.failure).toMatchObject({ code: 'service.unavailable' });
    expect([list.loading, list.choice]).toEqual([false, undefined]);
    down = false;
    await list.fetch();
    expect([list.failure, list.choice?.host]).toEqual([undefined, 'a']);
  });

  it('takes no more than asset would, and whole characters away', async () => {
    const { list } = hosts(1);
    await list.type('👩‍👩‍👧');
    await list.erase('character');
    expect(list.search).toBe('');
    await list.type('x'.repeat(500));
    expect(list.search).toHaveLength(128);
    await list.erase('all');
    expect(list.search).toBe('');
  });
});
