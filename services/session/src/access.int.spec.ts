import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

describeStory('sessions that have to end', (story) => {
  it.each([
    [
      'terminated',
      'maintenance at noon',
      /this session was ended: maintenance at noon \[session\.terminated, id \w+\]/,
    ],
    ['revoked', 'you may not use this host any more', /this session has ended: .* \[session\.revoked, id \w+\]/],
  ] as const)(
    'E4, E5: one that is %s ends when two seconds are over, with the reason, on all channels',
    async (why, text, line) => {
      const { asset, audit, timers } = story.bastion;
      const session = story.logOn('printf ready; exec tail -f /dev/null', { args: ['-tt'], logLevel: 'INFO' });
      const opened = await waitFor(() => audit.named('channel.opened')[0], { what: 'the command' });
      const closed = () => audit.named('session.closed').find(({ sessionId }) => sessionId === opened['sessionId']);
      timers.pass(5_000);
      expect(closed()).toBeUndefined();
      asset.ended = { why, text };
      for (let seconds = 0; seconds < 2; seconds += 1) {
        // What was asked before has its answer.
        await nextTurn();
        timers.pass(1_000);
      }
      // No time passes from here on.
      const end = await waitFor(closed, { what: 'the end of the session' });
      expect(end).toMatchObject({ reason: why });
      const { code, stderr } = await session;
      expect(code).toBe(255);
      expect(stderr).toMatch(line);
    },
  );
});
