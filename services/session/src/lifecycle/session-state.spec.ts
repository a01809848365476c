import { describe, expect, it } from 'vitest';
import { SessionLife } from './session-state.js';

describe('SessionLife', () => {
  it('goes from the request to the end', () => {
    const life = new SessionLife();
    for (const state of ['open', 'closed'] as const) life.move(state);
    expect(life.state).toBe('closed');
  });

  it('opens nothing for somebody who is refused or gone', () => {
    const life = new SessionLife();
    life.move('refused');
    expect(() => {
      life.move('open');
    }).toThrow('refused to open');
    life.move('closed');
    expect(() => {
      life.move('open');
    }).toThrow('closed to open');
  });
});
