import { newerOpenssh, startSshd } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { describeStory, storyAt } from './testing/story.js';

/** The first OpenSSH that warns of exchanges which are not post-quantum is 10.1; ssh-wire's own tests show that it would. */
const newer = await newerOpenssh().catch((error: unknown) => String(error));
const why = typeof newer === 'string' ? ` (skipped: ${newer})` : '';

describeStory(`a newer OpenSSH on both sides${why}`, (story) => {
  it.skipIf(why !== '')(
    'D21: from ssh to sshd nobody is warned: ML-KEM and strict key exchange on both legs',
    async () => {
      if (typeof newer === 'string') throw new Error(newer);
      const accounts = [{ name: 'ops', password: story.password }];
      const host = await startSshd({ accounts, config: 'LogLevel DEBUG1', newer });
      try {
        const there = storyAt({ ...story, host }, story.bastion);
        const options = { program: newer.ssh, logLevel: 'INFO' as const };
        const plain = await there.logOn('echo in', options);
        expect(plain).toMatchObject({ code: 0, stdout: 'in\n' });
        expect(plain.stderr).not.toMatch(/post-quantum/);
        const { stderr } = await there.logOn('true', { ...options, args: ['-v'] });
        for (const leg of [stderr, host.log().join('\n')]) {
          expect(leg).toContain('kex: algorithm: mlkem768x25519-sha256');
          expect(leg).toContain('resetting read seqnr');
          expect(leg).not.toMatch(/kex: algorithm: (?!mlkem)/);
        }
      } finally {
        await host.stop();
      }
    },
  );
});
