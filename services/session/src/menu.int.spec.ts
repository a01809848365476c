import { SshWriter } from '@sallyport/ssh-keys';
import { ssh, waitFor } from '@sallyport/testing';
import { keys, PersonAtTerminal } from '@sallyport/testing/terminal';
import type { TerminalOptions } from '@sallyport/testing/terminal';
import { afterEach, describe, expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';
import type { Story } from './testing/story.js';

const people: PersonAtTerminal[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.hangUp();
});

function openMenu({ bastion, userKey }: Story, more: Partial<TerminalOptions> = {}): PersonAtTerminal {
  const { privateKeyFile } = userKey;
  const person = PersonAtTerminal.ssh({ destination: 'alice@127.0.0.1', port: bastion.port, privateKeyFile, ...more });
  people.push(person);
  return person;
}

/** Targets that are listed but for `web-1` lead nowhere. */
const listed = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ host: `db-${String(i).padStart(3, '0')}`, account: 'ops' }));
const webOne = { host: 'web-1', account: 'ops' };

describeStory('the menu', (story) => {
  const opened = () => story.bastion.audit.named('session.opened');
  const closed = () => story.bastion.audit.named('session.closed');

  it('A1: arrow keys and Enter lead to a target, its logout back to the menu; each visit is a session of its own', async () => {
    story.bastion.asset.listed = [...listed(2), webOne];
    const alice = openMenu(story);
    await alice.sees('> ops@db-000');
    expect(alice.screen).toContain('where to, alice?');
    expect(alice.inMenu).toBe(true);
    for (const visit of [1, 2]) {
      alice.type(keys.down, keys.down, keys.down, keys.up, keys.down);
      await alice.sees('> ops@web-1');
      alice.type(keys.enter);
      alice.type('echo at-$((40+2))-of-$(id -un); exit 3\n');
      await waitFor(() => closed().length === visit, { what: 'the end of the visit' });
      await alice.sees('Back from ops@web-1.');
      expect(alice.received).toContain('at-42-of-ops');
      expect(alice.inMenu).toBe(true);
    }
    expect(new Set(opened().map(({ sessionId }) => sessionId)).size).toBe(2);
    expect(closed().map(({ reason }) => reason)).toEqual(['client-left', 'client-left']);
    alice.type('q');
    expect(await alice.hasLeft()).toBe(0);
    await waitFor(() => !alice.inMenu, { what: 'the screen as it was' });
  });

  it('searches while somebody types, forgives, and gives the terminal’s size of now to the target', async () => {
    story.bastion.asset.listed = [...listed(120), webOne];
    const alice = openMenu(story);
    await alice.sees('> ops@db-000');
    alice.type('web', keys.backspace, keys.backspace, keys.backspace, 'nope');
    await alice.sees('Nothing of yours fits that');
    alice.type(keys.enter, keys.escape);
    await alice.sees(/> ops@db-000[^]*1\/100\+/);
    alice.resize(60, 12);
    alice.type('web ops');
    await alice.sees(/> ops@web-1[^]*1\/1 /);
    alice.resize(91, 33);
    alice.type(keys.enter);
    alice.type('stty size; stty -echo; read -r line; stty size\n');
    await alice.sees('33 91');
    alice.resize(77, 20);
    alice.type('\n');
    await alice.sees('20 77');
    alice.type('exit\n');
    await alice.sees(/Search: web ops[^]*Back from/);
  });

  it('goes through more targets than a page has, and never shows more lines than the terminal', async () => {
    story.bastion.asset.listed = [...listed(150), webOne];
    const alice = openMenu(story, { columns: 80, rows: 24 });
    await alice.sees('1/100+');
    alice.type(keys.pageDown);
    await alice.sees(/> ops@db-01\d/);
    alice.type(keys.end);
    await alice.sees('> ops@db-099');
    await alice.sees('100/151');
    alice.type(keys.end);
    await alice.sees(/> ops@web-1[^]*151\/151/);
    expect(alice.screen).toMatch(/^Sallyport: where to, alice\?\nSearch:/);
    alice.type(keys.enter);
    await waitFor(() => opened().length === 1, { what: 'the visit' });
  });

  it('says so when there is no target, and takes no Enter for a choice', async () => {
    story.bastion.asset.hosts = [];
    const alice = openMenu(story);
    await alice.sees('no target that you may log on to');
    alice.type(keys.enter, keys.down, keys.enter, 'x');
    await alice.sees('Nothing of yours fits');
    expect(story.bastion.asset.asked).not.toContain('authorize');
  });

  it('A10: tells in one line with an id why a target that was listed cannot be reached any more, and goes on', async () => {
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    const { hosts } = story.bastion.asset;
    story.bastion.asset.hosts = [];
    alice.type(keys.enter);
    await alice.sees(/no target of this name is authorized for you \[target\.not-found,\s+id\s+[0-9a-f]{32}\]/);
    expect(story.bastion.audit.named('session.refused')).toMatchObject([
      { target: 'ops@web-1', code: 'target.not-found' },
    ]);
    story.bastion.asset.hosts = hosts;
    alice.type(keys.escape);
    await alice.sees('> ops@web-1');
    alice.type(keys.enter);
    await waitFor(() => opened().length === 1, { what: 'the visit' });
    alice.type('exit\n');
    await alice.sees('Back from ops@web-1.');
    alice.type(keys.ctrlC);
    await alice.hasLeft();
    await alice.sees(/target\.not-found/);
  });

  it('shows names that would command a terminal as harmless text', async () => {
    story.bastion.asset.listed = [
      { host: 'a\x1b]0;owned\x07', account: '\x1b[2J\x9b31m' },
      { host: 'b\r\nfake\u2028', account: '\u202eops\u200b\x00\x7f' },
      { host: 'c'.repeat(300), account: '宽'.repeat(60) },
      webOne,
    ];
    const alice = openMenu(story);
    await alice.sees(
      /\ufffd\[2J\ufffd31m@a\ufffd\]0;owned\ufffd[^]*\ufffdops\ufffd+@b\ufffd\ufffdfake\ufffd[^]*宽[^]*ops@web-1/,
    );
    for (const harmful of ['owned\x07', '\x1b]', '\x9b', '\u202e', '\u200b', '\u2028', '\x00', '\x7f', '\nfake'])
      expect(alice.received.includes(harmful), JSON.stringify(harmful)).toBe(false);
    alice.type(keys.enter);
    await alice.sees(/Search:[^]*target\.not-found/);
    expect(alice.received.includes('owned\x07') || alice.received.includes('\x1b]')).toBe(false);
  });

  it.each([
    ['q', 'q'],
    ['Ctrl-C', keys.ctrlC],
    ['Ctrl-D', keys.ctrlD],
    ['Ctrl-C with half a word typed', `qx${keys.backspace}${keys.backspace}we${keys.ctrlC}`],
  ])('is left by %s, with the screen as it was before', async (_, typed) => {
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    // A space first: what begins with q is searched for.
    alice.type(typed.startsWith('qx') ? ` ${typed}` : typed);
    expect(await alice.hasLeft()).toBe(0);
    await waitFor(() => !alice.inMenu, { what: 'the screen as it was' });
    expect(alice.screen).toBe('');
    expect(alice.received).toContain('\x1b[?25h');
  });

  it('is not stopped by Ctrl-Z, and not disturbed by keys that it does not know or by a paste', async () => {
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    const unknown = ['\x1b\x1a', '\x1b[200~', '\x1b[99;99R', '\x1bOP', '\x0c', '\x01', '\x1f', '\x00'];
    alice.type(keys.ctrlZ, ...unknown, 'é'.repeat(20_000));
    await alice.sees(/Search: é+[^]*Nothing of yours fits/);
    const cleared = (): boolean => {
      alice.type('\x15');
      return alice.screen.includes('> ops@web-1');
    };
    await waitFor(cleared, { what: 'the list without a search' });
    alice.type('web');
    await alice.sees(/Search: web[^]*> ops@web-1/);
  });

  it('E1: ends when nothing is done in it for ten minutes, with a line; a visit is no idleness', async () => {
    const alice = openMenu(story, { logLevel: 'INFO' });
    await alice.sees('> ops@web-1');
    alice.type(keys.enter);
    await waitFor(() => opened().length === 1, { what: 'the visit' });
    story.bastion.timers.pass(700_000);
    alice.type('exit\n');
    await alice.sees('Back from ops@web-1.');
    story.bastion.timers.pass(599_000);
    alice.type('w');
    await alice.sees('Search: w');
    story.bastion.timers.pass(599_000);
    expect(alice.exitCode).toBeUndefined();
    story.bastion.timers.pass(1_000);
    expect(await alice.hasLeft()).toBe(255);
    const told = () => alice.received.includes('nothing was chosen for a while; log on again [session.idle, id ');
    await waitFor(told, { what: 'the line' });
    await waitFor(() => !alice.inMenu, { what: 'the screen as it was' });
  });

  it('comes back with a line when a visit is ended by a limit or by the host', async () => {
    story.bastion.asset.limits = { idleSeconds: 300 };
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    alice.type(keys.enter);
    await waitFor(() => opened().length === 1, { what: 'the visit' });
    story.bastion.timers.pass(301_000);
    await alice.sees(/Search:[^]*session\.idle/);
    expect(closed()).toMatchObject([{ reason: 'idle-limit' }]);
    story.bastion.asset.limits = {};
    alice.type(keys.enter, 'kill -9 $PPID\n');
    await waitFor(() => closed().length === 2, { what: 'the end of the visit' });
    await alice.sees('Search:');
  });

  it('F2: is no way around a policy: who may not have a shell is told, and is in the menu again', async () => {
    story.bastion.asset.policy = { ...story.bastion.asset.policy, shell: false };
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    alice.type(keys.enter);
    await alice.sees(/Search:[^]*does not permit a shell here[^]*policy\.forbidden/);
  });

  it.each([
    [0, 0],
    [1, 1],
    [1, 200],
    [500, 200],
    [4_294_967_295, 4_294_967_295],
  ])('D14: leads to a target on a terminal of %i columns and %i rows', async (columns, rows) => {
    const { connection, leave } = await connectAsAlice(story, {}, 'alice');
    const channel = await connection.open('session');
    let output = '';
    void (async () => {
      for await (const event of channel.incoming()) if (event.kind === 'data') output += event.bytes.toString();
    })();
    const size = (...numbers: number[]) => numbers.reduce((writer, n) => writer.uint32(n), new SshWriter()).bytes();
    const payload = Buffer.concat([new SshWriter().string('xterm').bytes(), size(columns, rows, 0, 0), size(0)]);
    expect(await channel.request({ name: 'pty-req', wantReply: true, payload })).toBe(true);
    expect(await channel.request({ name: 'shell', wantReply: true, payload: Buffer.alloc(0) })).toBe(true);
    await waitFor(() => output.includes('\x1b[?1049h') && story.bastion.asset.asked.includes('list '), {
      what: 'a menu',
    });
    for (const [c, r] of [
      [80, 24],
      [0, 0],
      [2, 3],
      [columns, rows],
    ] as const)
      void channel.request({ name: 'window-change', wantReply: false, payload: size(c, r, 0, 0) });
    await channel.write(Buffer.from(`w${keys.down}${keys.backspace}`));
    await waitFor(() => story.bastion.asset.asked.filter((asked) => asked === 'list ').length > 1, {
      what: 'all again',
    });
    await channel.write(Buffer.from(keys.enter));
    await waitFor(() => opened().length === 1, { what: 'the visit' });
    await channel.write(Buffer.from('stty size\n'));
    if (columns < 65_536) await waitFor(() => output.includes(`${rows} ${columns}\r\n`), { what: 'the size' });
    leave();
    await waitFor(() => closed().length === 1, { what: 'the end' });
  });

  it('gives up a logon that takes long at Ctrl-C, and keeps what is typed before for the target', async () => {
    const { asset } = story.bastion;
    let goOn: () => void = () => undefined;
    asset.before = () => new Promise((resolve) => (goOn = resolve));
    const alice = openMenu(story);
    await alice.sees('> ops@web-1');
    alice.type(keys.enter);
    await waitFor(() => asset.asked.includes('authorize'), { what: 'the question' });
    alice.type(keys.ctrlC);
    await alice.sees('Gave up waiting for ops@web-1.');
    goOn();
    asset.asked.length = 0;
    alice.type(keys.enter);
    await waitFor(() => asset.asked.includes('authorize'), { what: 'the question' });
    alice.type('echo early-$((1+1))\n');
    goOn();
    await alice.sees('early-2');
    expect(opened()).toHaveLength(1);
  });

  describe('without a terminal there is a line that says what to type', () => {
    it.each([
      ['a command', { command: 'uptime' }],
      ['a command on a terminal', { command: 'uptime', args: ['-tt'] }],
      ['a shell', { args: ['-T'], input: '' }],
      ['a terminal that cannot draw', { args: ['-tt'], env: { TERM: 'dumb' } }],
      ['sftp', { command: 'sftp', args: ['-s'] }],
      ['rsync', { command: 'rsync --server --sender -logDtpre.iLsfxC . /etc/passwd' }],
    ])('A10: for %s', async (_, options) => {
      const privateKeyFile = story.userKey.privateKeyFile;
      const result = await ssh({
        destination: 'alice@127.0.0.1',
        port: story.bastion.port,
        privateKeyFile,
        ...options,
      });
      expect(result.code).toBe(255);
      const said = `${result.stdout}${result.stderr}`.trim();
      expect(said).toMatch(
        /^sallyport: name a target: ssh alice@ACCOUNT@HOST@THIS-BASTION.* \[request\.invalid, id [0-9a-f]{32}\]$/,
      );
      expect(story.bastion.asset.asked).not.toContain('authorize');
    });
  });
});
