import { describe, expect, it } from 'vitest';
import { ofAnswers } from './rule-trials/of-answers.suite.js';
import { ofCallers } from './rule-trials/of-callers.suite.js';
import { ofRotation } from './rule-trials/of-rotation.suite.js';
import { ofSecrets } from './rule-trials/of-secrets.suite.js';
import { makeWorld } from './rule-trials/world.suite.js';
import type { Trial } from './rule-trials/world.suite.js';
import { Rules } from './rules.js';

const trials: Record<keyof Rules, Trial> = { ...ofSecrets, ...ofAnswers, ...ofRotation, ...ofCallers };

describe.each(Object.keys(trials) as (keyof Rules)[])('the rule %s', (rule) => {
  const { look, seen } = trials[rule];

  it.each(seen)('%j', async (value, expected) => {
    const world = await makeWorld();
    await world.admin('PUT', 'rules', { [rule]: value });
    expect(await look(world)).toEqual(expected);
  });

  it('makes a difference from what holds without it', () => {
    const [usual, ...others] = seen;
    expect(usual?.[0]).toEqual(Rules.parse({})[rule]);
    expect(others.map(([, one]) => JSON.stringify(one))).not.toEqual([]);
    expect(others[0]?.[1]).not.toEqual(usual?.[1]);
  });
});
