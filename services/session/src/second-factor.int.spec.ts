import { mustRun, tempDir, waitFor } from '@sallyport/testing';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

const lines = (stderr: string): string[] => stderr.split(/\r?\n/).filter((line) => line.startsWith('sallyport:'));

describeStory('a user with one-time codes', (story) => {
  beforeEach(() => {
    story.bastion.asset.code = '424242';
  });
  const asked = () => story.bastion.asset.asked.filter((what) => what !== 'probe');
  const password = () => story.bastion.asset.password;

  it('A7: is asked for password and code, one after the other, by keyboard-interactive', async () => {
    const result = await story.logOn('echo in', { password: password(), code: '424242' });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    expect(asked()).toEqual(['authenticate password', 'authenticate code', 'authorize']);
  });

  it('A7: is asked for the code alone after a key', async () => {
    const { privateKeyFile } = story.userKey;
    const result = await story.logOn('echo in', { privateKeyFile, code: '424242', args: ['-v'] });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(result.stderr).toMatch(/Authenticated using "publickey" with partial success/);
    expect(asked()).toEqual(['authenticate publickey', 'authenticate code', 'authorize']);
  });

  it('A7: is asked for the code after the method password', async () => {
    const more = { password: password(), code: '424242', methods: 'password,keyboard-interactive', args: ['-v'] };
    const result = await story.logOn('echo in', more);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(result.stderr).toMatch(/Authenticated using "password" with partial success/);
  });

  it.each([
    ['a key', {}],
    ['a password', { password: 'correct horse' }],
  ])('A7: is not let in with %s alone, and BatchMode fails at once', async (_, more) => {
    const result = await story.logOn('true', { ...more, args: ['-o', 'BatchMode=yes'] });
    expect(result).toMatchObject({ code: 255, stdout: '' });
    expect(asked()).not.toContain('authorize');
  });

  it('A7, A10: is refused with a wrong code, in one line with an id', async () => {
    const wrong = await story.logOn('true', { password: password(), code: '000000', logLevel: 'INFO' });
    expect(wrong).toMatchObject({ code: 255, stdout: '' });
    expect(lines(wrong.stderr)).toEqual([expect.stringMatching(/\[access\.unauthenticated, id [0-9a-f]{32}\]$/)]);
    expect(asked()).toEqual(['authenticate password', 'authenticate code']);
  });

  it('A7: asks no code of who gave a wrong password, or is unknown', async () => {
    for (const more of [{ password: 'wrong' }, { destination: 'mallory@ops@web-1@127.0.0.1', password: password() }])
      expect(await story.logOn('true', { ...more, code: '424242' })).toMatchObject({ code: 255 });
    expect(asked()).toEqual(['authenticate password', 'authenticate password']);
  });

  it('A7: types both at a terminal, and sees neither', async () => {
    const transcript = join(tempDir(), 'typescript');
    const port = String(story.bastion.port);
    const options = '-F none -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o PubkeyAuthentication=no';
    const client = `ssh ${options} -p ${port} alice@ops@web-1@127.0.0.1 "echo in"`;
    const wait = 'until grep -q "$1" "$2"; do sleep 0.05; done';
    const typing = `${wait.replace('$1', 'assword:')}; echo "${password()}"; ${wait.replace('$1', 'code:')}; echo 424242; ${wait.replace('$1', '^in')}`;
    const typed = `(${typing.replaceAll('$2', transcript)})`;
    await mustRun('sh', ['-c', `touch ${transcript}; ${typed} | script -qefc '${client}' ${transcript}`]);
    const shown = await mustRun('cat', [transcript]);
    expect(shown).toContain('in');
    for (const secret of ['424242', password()]) expect(shown).not.toContain(secret);
  });
});

describeStory('a user without one-time codes', (story) => {
  it('A7: gets in by keyboard-interactive with the password alone', async () => {
    const result = await story.logOn('echo in', { password: story.bastion.asset.password, code: 'none is asked' });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    await waitFor(() => story.bastion.audit.named('session.opened').length === 1, { what: 'the record' });
  });
});
