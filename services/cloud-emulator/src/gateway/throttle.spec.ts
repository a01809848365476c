import { expect, it } from 'vitest';
import { Rules } from '../rules.js';
import { Throttle } from './throttle.js';

const usual = Rules.parse({});

it('lets through the numbers of the reference, and fills up with time', () => {
  let now = 0;
  const throttle = new Throttle(
    () => usual,
    () => now,
  );
  const admitted = (quota: 'list' | 'secret-write', calls: number): number => {
    let count = 0;
    for (let call = 0; call < calls; call += 1) {
      try {
        throttle.admit({ quota, product: 'kms' }, 'own');
        count += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'Rejected.Throttling', status: 429 });
      }
    }
    return count;
  };
  expect(admitted('list', 100)).toBe(40);
  expect(admitted('secret-write', 100)).toBe(10);
  throttle.admit({ quota: 'secret-write', product: 'kms' }, 'another account');
  now = 500;
  expect(admitted('list', 100)).toBe(20);
  now = 60_000;
  expect(admitted('list', 100)).toBe(40);
});

it.each([
  ['secret-read', 450],
  ['list', 40],
  ['secret-write', 10],
  ['change', 30],
  ['key-read', 50],
  ['key-tags', 300],
  ['key-create', 10],
] as const)('%s: %i calls at once', (quota, calls) => {
  const throttle = new Throttle(
    () => usual,
    () => 0,
  );
  const admit = (): void => {
    throttle.admit({ quota, product: 'kms' }, 'own');
  };
  for (let call = 0; call < calls; call += 1) admit();
  expect(admit).toThrow(expect.objectContaining({ code: 'Rejected.Throttling' }));
});

it('has no limit at scale 0, and other codes for ECS', () => {
  const none = new Throttle(() => ({ ...usual, quotaScale: 0 }));
  for (let call = 0; call < 1_000; call += 1) none.admit({ quota: 'secret-write', product: 'kms' }, 'own');
  const one = new Throttle(
    () => ({ ...usual, quotaScale: 0.001 }),
    () => 0,
  );
  one.admit({ quota: 'ecs-read', product: 'ecs' }, 'own');
  expect(() => {
    one.admit({ quota: 'ecs-read', product: 'ecs' }, 'own');
  }).toThrow(expect.objectContaining({ code: 'Throttling.User' }));
});
