import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Turns } from './turns.js';

it('gives each item to one, in order, whatever turns end while somebody waits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), fc.scheduler(), async (endings, scheduler) => {
      const items = Array.from({ length: 20 }, (_, i) => ({ i }));
      const source = (async function* slowly() {
        for (const item of items) {
          await scheduler.schedule(Promise.resolve());
          yield item;
        }
      })();
      const turns = new Turns(source);
      const seen: number[] = [];
      const take = async (): Promise<void> => {
        for (const ends of [...endings, ...items.map(() => false), false]) {
          const turn = new AbortController();
          if (ends)
            void scheduler.schedule(Promise.resolve()).then(() => {
              turn.abort();
            });
          const item = await turns.next(turn.signal);
          if (item) seen.push(item.i);
        }
      };
      const taking = take();
      await scheduler.waitFor(taking);
      expect(seen).toEqual(items.map(({ i }) => i));
    }),
    { numRuns: 20 },
  );
});

it('hands what was given back to whoever waits, and first', async () => {
  let goOn: () => void = () => undefined;
  const source = (async function* one() {
    await new Promise<void>((resolve) => (goOn = resolve));
    yield { n: 3 };
  })();
  const turns = new Turns<{ n: number }>(source);
  const { signal } = new AbortController();
  const first = turns.next(signal);
  turns.giveBack({ n: 1 }, { n: 2 });
  expect([await first, await turns.next(signal)]).toEqual([{ n: 1 }, { n: 2 }]);
  goOn();
  expect([await turns.next(signal), await turns.next(signal)]).toEqual([{ n: 3 }, undefined]);
});
