import { DomainError } from '@sallyport/errors';
import { freePort, makeUserKey, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

const line = /^sallyport: [^\n]+ \[[a-z-]+\.[a-z-]+, id [0-9a-f]{32}\]\n$/;
/** What is left of a refusal when the trace id is taken out. */
const less = (text: string): string => text.replace(/[0-9a-f]{32}/g, 'ID');

describeStory('a logon at the target', (story) => {
  const connections = (): number => story.host.log().filter((entry) => entry.includes('Connection from')).length;
  const only = () => {
    const [host] = story.bastion.asset.hosts;
    if (!host) throw new Error('there is a host in each test');
    return host;
  };

  it('opens with a password that only the broker knows, and says so on record', async () => {
    expect(await story.logOn('id -un; exit 7')).toMatchObject({ code: 7, stdout: 'ops\n', stderr: '' });
    const { broker, audit } = story.bastion;
    expect(broker.asked).toEqual(['prepare', 'open', 'release']);
    await waitFor(() => audit.named('session.closed').length === 1, { what: 'the end on record' });
    expect(audit.events.map(({ name }) => name)).toEqual([
      'session.opened',
      'channel.opened',
      'recording.ended',
      'channel.closed',
      'session.closed',
    ]);
    expect(audit.named('session.opened')[0]).toMatchObject({
      username: 'alice',
      accountName: 'ops',
      attempts: 1,
      replica: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(audit.named('channel.opened')[0]).toMatchObject({ kind: 'exec', command: 'id -un; exit 7' });
    expect(audit.named('channel.closed')[0]).toMatchObject({ channel: 0, exitStatus: 7, bytesDown: 4 });
    expect(audit.named('session.closed')[0]).toMatchObject({ reason: 'client-left', bytesDown: 4 });
  });

  it.each([
    ['ed25519', {}],
    ['rsa', { format: 'pem' }],
    ['rsa', { format: 'pkcs8' }],
    ['ecdsa', { format: 'openssh' }],
  ] as const)('opens with an %s key that stays with the broker (%o)', async (type, options) => {
    const key = await makeUserKey(type, options);
    await story.host.setAuthorizedKey('ops', key.publicKey);
    only().kind = 'ssh-key';
    story.bastion.broker.values = [key.privateKey];
    expect(await story.logOn('echo in')).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    expect(story.bastion.broker.asked).toEqual(['prepare', 'open', 'sign', 'release']);
  });

  it('H2: ends with one line when the replica of the broker is gone between open and sign; the next logon works', async () => {
    const key = await makeUserKey('ed25519');
    await story.host.setAuthorizedKey('ops', key.publicKey);
    only().kind = 'ssh-key';
    const { broker, audit } = story.bastion;
    broker.values = [key.privateKey];
    broker.gone = true;
    const before = connections();
    const result = await story.logOn('true');
    expect(result).toMatchObject({ code: 255, stdout: '' });
    expect(result.stderr).toMatch(line);
    expect(result.stderr).toContain('secret-broker cannot be reached, try again [service.unavailable');
    expect(broker.asked).toEqual(['prepare', 'open', 'sign', 'release']);
    expect(connections() - before).toBe(1);
    expect(audit.named('session.refused')[0]).toMatchObject({ code: 'service.unavailable' });
    broker.gone = false;
    expect(await story.logOn('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  it('finds the account by itself when there is one', async () => {
    const result = await story.logOn('id -un', { destination: 'alice@web-1@127.0.0.1' });
    expect(result).toMatchObject({ code: 0, stdout: 'ops\n' });
  });

  it('B2, B3, B4: tries the value that a rotation brings, on the same connection, and tells who waits for more than a second', async () => {
    const before = connections();
    story.bastion.broker.values = ['the old one', 'nor this', ...story.bastion.broker.values];
    const result = await story.logOn('echo in');
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(result.stderr.match(/^sallyport: .*it may be in rotation, waiting…$/gm)).toHaveLength(1);
    expect(story.bastion.broker.asked).toEqual(['prepare', 'open', 'refresh', 'refresh', 'release']);
    expect(story.bastion.audit.named('session.opened')[0]).toMatchObject({ attempts: 3, secretVersionId: 'v3' });
    expect(connections() - before).toBe(1);
  });

  it('tells who waits for more than a second until there is a credential, whatever comes of it', async () => {
    const { broker } = story.bastion;
    broker.prepareMs = 1_500;
    const told = /^sallyport: the credential is not there yet; KMS is slow, .*, waiting…\r?\n/;
    const result = await story.logOn('echo in');
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(result.stderr).toMatch(told);
    expect(result.stderr.replace(told, '')).toBe('');
    broker.trouble = new DomainError('kms.timeout', 'KMS did not answer in time; try again', { retryable: true });
    const refused = await story.logOn('true');
    expect(refused).toMatchObject({ code: 255, stdout: '' });
    expect(refused.stderr).toMatch(told);
    expect(refused.stderr.replace(told, '')).toMatch(line);
  });

  it('B4: gives up after three attempts', async () => {
    story.bastion.broker.values = ['one', 'two', 'three', ...story.bastion.broker.values];
    const result = await story.logOn('true');
    expect(result).toMatchObject({ code: 255, stdout: '' });
    expect(result.stderr.replace(/^.*waiting…\r?\n/, '')).toMatch(line);
    expect(result.stderr).toContain('target.refused-credential');
    expect(story.bastion.broker.asked).toEqual(['prepare', 'open', 'refresh', 'refresh', 'release']);
  });

  it.each([
    new DomainError('secret.deleted', 'the secret is scheduled for deletion in KMS'),
    new DomainError('kms.unreachable', 'KMS does not answer', { retryable: true }),
    new DomainError('kms.denied', 'KMS does not permit this'),
  ])('B6: does not dial the target when KMS is in the way ($code)', async (trouble) => {
    const before = connections();
    story.bastion.broker.trouble = trouble;
    const result = await story.logOn('true');
    expect(result).toMatchObject({ code: 255, stdout: '' });
    expect(result.stderr).toMatch(line);
    expect(result.stderr).toContain(`${trouble.message} [${trouble.code}`);
    expect(connections()).toBe(before);
    expect(story.bastion.audit.named('session.refused')[0]).toMatchObject({ target: 'ops@web-1', code: trouble.code });
    expect(story.bastion.audit.named('session.opened')).toEqual([]);
  });

  it('A4: says the same of a host that is absent and one that is forbidden', async () => {
    const absent = await story.logOn('true', { destination: 'alice@ops@nowhere@127.0.0.1' });
    const forbidden = await story.logOn('true', { destination: 'alice@root@web-1@127.0.0.1' });
    expect(absent).toMatchObject({ code: 255, stdout: '' });
    expect(absent.stderr).toMatch(line);
    expect(less(absent.stderr)).toBe(less(forbidden.stderr));
    expect(story.bastion.broker.asked).toEqual([]);
  });

  it('B13: pins the first key of a host before it asks for the credential', async () => {
    only().hostKeys = [];
    expect(await story.logOn('true')).toMatchObject({ code: 0 });
    expect(only().hostKeys).toEqual([story.host.hostKeys.find(({ type }) => type === 'ed25519')?.fingerprint]);
  });

  it('C2: refuses a changed host key before any credential moves', async () => {
    only().hostKeys = [`SHA256:${'A'.repeat(43)}`];
    const result = await story.logOn('true');
    expect(result.code).toBe(255);
    expect(result.stderr).toMatch(line);
    expect(result.stderr).toContain('host-key.changed');
    expect(story.bastion.asset.reported).toHaveLength(1);
    expect(story.bastion.broker.asked).toEqual(['prepare', 'release']);
  });

  it('says when the target cannot be reached', async () => {
    only().port = await freePort();
    const result = await story.logOn('true');
    expect(result).toMatchObject({ code: 255 });
    expect(result.stderr).toMatch(/ECONNREFUSED.*target\.unreachable/);
  });

  it('does nothing that cannot be recorded', async () => {
    story.bastion.audit.fail();
    const result = await story.logOn('echo never');
    expect(result).toMatchObject({ code: 255, stdout: '' });
    expect(result.stderr).toContain('audit.unavailable');
  });

  it('A10: tells a user at a terminal, and one without any channel', async () => {
    const destination = 'alice@ops@nowhere@127.0.0.1';
    const terminal = await story.logOn(undefined, { destination, args: ['-tt'] });
    expect(terminal.code).toBe(255);
    expect(terminal.stderr).toMatch(/target\.not-found, id [0-9a-f]{32}\]\r\n$/);
    const forwarder = await story.logOn(undefined, { destination, args: ['-N'], logLevel: 'INFO' });
    expect(forwarder.code).toBe(255);
    expect(forwarder.stderr).toMatch(/sallyport: .*target\.not-found, id [0-9a-f]{32}\]/);
  });

  it('says what to type when no target was named', async () => {
    const result = await story.logOn('true', { destination: 'alice@127.0.0.1' });
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('name a target: ssh alice@ACCOUNT@HOST@THIS-BASTION');
  });
});
