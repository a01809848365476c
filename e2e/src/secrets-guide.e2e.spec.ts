import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tempDir } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { home } from './support/sallyport.js';

const guide = readFileSync(new URL('../../docs/secrets.md', import.meta.url), 'utf8');
/** What a reader copies, from top to bottom. */
const script = [...guide.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('\n');

describe('the guide for secret administrators', () => {
  it('does what it says, from the first command to the last', async () => {
    const knownHosts = join(tempDir(), 'known_hosts');
    const { code, stdout, stderr } = await run('bash', ['-c', script], {
      env: { SALLYPORT_HOME: home, KNOWN_HOSTS: knownHosts, SSH_AUTH_SOCK: undefined },
      timeoutMs: 240_000,
    });
    expect(code, stdout + stderr).toBe(0);
    const told = [
      'encryptsSecrets',
      'value-not-on-instance',
      'starts with acs/ecs/',
      'Rejected.ResourceExist',
      'nextCursor',
      'from 1 hour',
      ': done',
      'ACSPrevious',
      'user/carol',
      'logged on\n',
      'a session runs',
      'it still runs after the rotation',
      'logged on with the new value',
      'plannedDeleteAt',
      'refused: secret.deleted',
      'logged on after it was restored',
      'refused: secret.not-found',
      '"state":"gone"',
    ];
    expect(told.filter((words) => !stdout.includes(words))).toEqual([]);
    for (const reason of ['secret.deleted', 'secret.not-found']) expect(stderr).toContain(`[${reason}, id `);
    expect(stdout).not.toContain('it should have been refused');
  });
});
