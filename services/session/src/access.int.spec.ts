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
    'E4, E5: one that is %s ends at the next look, with the reason, on all channels',
    async (why, text, line) => {
      const { asset, audit, timers } = story.bastion;
      const session = story.logOn('printf ready; exec tail -f /dev/null', { args: ['-tt'], logLevel: 'INFO' });
      const opened = await waitFor(() => audit.named('channel.opened')[0], { what: 'the command' });
      const closed = () => audit.named('session.closed').find(({ sessionId }) => sessionId === opened['sessionId']);
      timers.pass(5_000);
      expect(closed()).toBeUndefined();
      asset.ended = { why, text };
      const end = await waitFor(
        () => {
          timers.pass(1_000);
          return closed();
        },
        { what: 'the end of the session' },
      );
      expect(end).toMatchObject({ reason: why });
      const { code, stderr } = await session;
      expect(code).toBe(255);
      expect(stderr).toMatch(line);
    },
  );
});
