import { makeUserKey } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

describeStory('a user at the bastion', (story) => {
  it('gets in with a password', async () => {
    const result = await story.logOn('echo in', { password: story.bastion.asset.password });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  it('A2: may write + for @', async () => {
    const result = await story.logOn('echo in', { destination: 'alice+ops+web-1@127.0.0.1' });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { destination: 'mallory@ops@web-1@127.0.0.1', password: 'correct horse' }],
  ])('A10: is refused with %s, in one line with an id', async (_, more) => {
    const result = await story.logOn('true', { ...more, logLevel: 'INFO' });
    expect(result.code).toBe(255);
    const lines = result.stderr.split(/\r?\n/).filter((text) => text.startsWith('sallyport:'));
    expect(lines).toEqual([expect.stringMatching(/\[access\.unauthenticated, id [0-9a-f]{32}\]$/)]);
    expect(story.bastion.asset.asked).not.toContain('authorize');
  });

  it('is refused with a key that nobody has, without a signature being asked for', async () => {
    const { privateKeyFile } = await makeUserKey('ed25519');
    expect(await story.logOn('true', { privateKeyFile })).toMatchObject({ code: 255 });
    expect(story.bastion.asset.asked).toEqual(['probe']);
  });

  it.each(['rsa', 'ecdsa'] as const)('gets in with an %s key', async (type) => {
    const { privateKeyFile, publicKey } = await makeUserKey(type);
    story.bastion.asset.publicKeys = [publicKey];
    expect(await story.logOn('echo in', { privateKeyFile })).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  it('A6: gets in with the last of ten keys', async () => {
    const { privateKeyFile } = await makeUserKey();
    const others = await Promise.all(Array.from({ length: 8 }, () => makeUserKey()));
    const args = [...others, story.userKey].flatMap((key) => ['-i', key.privateKeyFile]);
    expect(await story.logOn('echo in', { privateKeyFile, args })).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(story.bastion.asset.asked).toEqual([
      ...Array.from({ length: 10 }, () => 'probe'),
      'authenticate publickey',
      'authorize',
    ]);
  });

  it('A2: is told what is wrong with a user name', async () => {
    const result = await story.logOn('true', { destination: 'alice@@web-1@127.0.0.1', logLevel: 'INFO' });
    expect(result.code).toBe(255);
    expect(result.stderr).toMatch(/sallyport: .*ACCOUNT is empty \[request\.invalid, id [0-9a-f]{32}\]/);
    expect(story.bastion.asset.asked).toEqual([]);
  });
});
