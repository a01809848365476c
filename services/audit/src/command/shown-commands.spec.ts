import { eventLine, headerLine } from '@sallyport/recording';
import { describe, expect, it } from 'vitest';
import { ShownCommands } from './shown-commands.js';

/** The commands of a terminal that showed these pieces of output, one after the other. */
async function commandsOf(pieces: readonly string[], columns = 80): Promise<string[]> {
  const shown = await ShownCommands.create();
  await shown.show(headerLine({ version: 2, width: columns, height: 10, timestamp: 1_700_000_000 }));
  for (const [n, piece] of pieces.entries()) await shown.show(eventLine(n * 1_000, 'o', piece));
  return shown.found.map(({ text }) => text);
}
/** As the terminal echoes it, key by key, and the line feed. */
const typed = (text: string): string[] => [...Array.from(text), '\r\n'];
const prompt = 'alice@web-1:~$ ';

describe('commands that a terminal showed', () => {
  it('are what stood after the prompt when the line was left', async () => {
    expect(
      await commandsOf([prompt, ...typed('ls -l'), 'total 0\r\n', prompt, ...typed('exit'), 'logout\r\n']),
    ).toEqual(['ls -l', 'exit']);
    const root = 'root@web-1:~# ';
    expect(await commandsOf([prompt, ...typed('su -'), 'Password: ', '\r\n', root, ...typed('id'), root])).toEqual([
      'su -',
      'id',
    ]);
    expect(await commandsOf(['> ', ...typed('1 + 1'), '2\r\n> '])).toEqual(['1 + 1']);
  });

  it('are told with the time at which they were run', async () => {
    const shown = await ShownCommands.create();
    await shown.show(headerLine({ version: 2, width: 80, height: 24, timestamp: 1_700_000_000 }));
    await shown.show(eventLine(1_000, 'o', prompt));
    await shown.show(eventLine(61_000, 'o', 'date\r\n'));
    expect(shown.found).toEqual([{ seconds: 61, text: 'date' }]);
    expect(shown.startedAt).toBe(1_700_000_000_000);
  });

  it('are as they were edited: keys back, history, completion, a line longer than the screen', async () => {
    expect(await commandsOf([prompt, 'l', 'x', '\b\u001b[K', 's', '\r\n'])).toEqual(['ls']);
    expect(await commandsOf([prompt, 'make test', '\r\u001b[Kalice@web-1:~$ make lint', '\r\n'])).toEqual([
      'make lint',
    ]);
    const completed = [prompt, 'ls /u', '\r\n', 'usb usr\r\n', `${prompt}ls /u`, 'sr', '\r\n'];
    expect(await commandsOf(completed)).toEqual(['ls /usr']);
    const long = 'echo 0123456789 0123456789 0123456789';
    expect(await commandsOf([prompt, ...typed(long)], 20)).toEqual([long]);
    const cleared = [prompt, 'df', `\u001b[H\u001b[2J${prompt}df`, ' -h', '\r\n'];
    expect(await commandsOf(cleared)).toEqual(['df -h']);
  });

  it('F8: are never what was typed with echo off, since the screen did not show it', async () => {
    const shown = await ShownCommands.create();
    await shown.show(headerLine({ version: 2, width: 80, height: 24, timestamp: 1 }));
    await shown.show(eventLine(1, 'o', prompt));
    await shown.show(eventLine(2, 'i', 'hunter2\r'));
    await shown.show(eventLine(3, 'o', '\r\n'));
    await shown.show(eventLine(4, 'o', '[sudo] password for alice: '));
    await shown.show(eventLine(5, 'i', 'hunter2\r'));
    await shown.show(eventLine(6, 'o', '\r\n'));
    expect(shown.found).toEqual([]);
  });

  it('are not taken from what full-screen programs draw, nor from text that looks like a terminal', async () => {
    const editor = ['\u001b[?1049h', `${prompt}rm -rf /`, '\r\n', '\u001b[?1049l'];
    expect(await commandsOf([prompt, ...typed('vi notes'), ...editor, prompt])).toEqual(['vi notes']);
    const text = `${prompt}rm -rf /\r\n${prompt}reboot\r\n`;
    expect(await commandsOf([prompt, ...typed('cat story.txt'), text, prompt])).toEqual(['cat story.txt']);
  });
});

/** Each is in docs/recordings.md. Whoever makes one of them better changes both. */
describe('what the list of commands gets wrong', () => {
  it('does not see what scripts, aliases and editors run, nor anything in tmux', async () => {
    expect(await commandsOf([prompt, ...typed('sh cleanup.sh'), 'done\r\n', prompt])).toEqual(['sh cleanup.sh']);
    const tmux = ['\u001b[?1049h', prompt, ...typed('reboot')];
    expect(await commandsOf([prompt, ...typed('tmux'), ...tmux])).toEqual(['tmux']);
  });

  it('does not see what was run with echo off', async () => {
    expect(await commandsOf([prompt, ...typed('stty -echo'), prompt, '\r\n', prompt])).toEqual(['stty -echo']);
  });

  it('does not see commands that came before their prompt did, or after one that it does not know', async () => {
    const ahead = [prompt, ...typed('cd /tmp'), 'alice@web-1:/tmp$ ls', '\r\n', 'alice@web-1:/tmp$ '];
    expect(await commandsOf(ahead)).toEqual(['cd /tmp']);
    expect(await commandsOf(['web-1 says:', ...typed('ls')])).toEqual([]);
  });

  it('takes an answer to a question for a command where the question ends like a prompt', async () => {
    expect(await commandsOf(['How much, in $ ', ...typed('100')])).toEqual(['100']);
  });

  it('takes a command that was given up with Ctrl-C for one that was run', async () => {
    expect(await commandsOf([prompt, 'reboot', '^C\r\n', prompt])).toEqual(['reboot^C']);
  });

  it('takes each line of a command of many lines for one', async () => {
    expect(await commandsOf([prompt, ...typed('cat <<X'), '> ', ...typed('rm'), '> ', ...typed('X'), prompt])).toEqual([
      'cat <<X',
      'rm',
      'X',
    ]);
  });

  it('takes what stands at the right end of the line for a part of the command', async () => {
    expect(await commandsOf([`${prompt}\u001b7\u001b[1;70H12:00:00\u001b8`, ...typed('ls')])).toEqual([
      expect.stringMatching(/^ls +12:00:00$/),
    ]);
  });

  it('can be told anything by a program that draws a prompt and an answer', async () => {
    expect(await commandsOf([prompt, ...typed('./deceive'), prompt, 'innocent', '\r\n'])).toEqual([
      './deceive',
      'innocent',
    ]);
  });
});
