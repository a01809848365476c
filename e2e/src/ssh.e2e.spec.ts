import { describe, expect, it } from 'vitest';
import { sshAs } from './support/sallyport.js';

const web1 = 'alice@root@web-1';

describe('a command through the bastion', () => {
  it.each(['alice@web-1', 'alice@root@web-1', 'alice+web-1', 'alice+root+web-1', 'alice@root+web-1'])(
    'reaches the target as %s',
    async (user) => {
      expect(await sshAs(user, { command: 'echo hello' })).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
    },
  );
});
