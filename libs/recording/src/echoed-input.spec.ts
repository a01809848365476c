import { describe, expect, it } from 'vitest';
import { EchoedInput } from './echoed-input.js';

/** What comes of a dialogue: `>` is typed, `<` is shown. */
function settled(...dialogue: string[]): (string | undefined)[] {
  const input = new EchoedInput();
  const lines: (string | undefined)[] = [];
  for (const turn of dialogue) {
    const text = turn.slice(1);
    if (turn.startsWith('>')) input.typed(text);
    else lines.push(...input.shown(text));
  }
  if (input.end()) lines.push(undefined);
  return lines;
}

describe('what is typed at a terminal', () => {
  it('F8: is kept when it was echoed, with the keys that edited it', () => {
    expect(settled('<$ ', '>l', '<l', '>s', '<s', '>\r', '<\r\nfile\r\n$ ')).toEqual(['ls\r']);
    expect(settled('>lx', '<lx', '>\x7f', '<\b \b', '>s\r', '<s\r\n')).toEqual(['lx\x7fs\r']);
    expect(settled('>\x1b[A', '<ls -l', '>\r', '<\r\n')).toEqual(['\x1b[A\r']);
    expect(settled('>cd /us', '<cd /us', '>\t', '<r/', '>\r', '<\r\n')).toEqual(['cd /us\t\r']);
  });

  it('F8: is kept when colours and titles come with the echo, cut anywhere', () => {
    expect(settled('>ls', '<\x1b]0;ti', '<tle\x07\x1b[1;3', '<2ml\x1b[0ms', '>\r', '<\r\n')).toEqual(['ls\r']);
  });

  it('F8: is kept when it was typed ahead, or pasted', () => {
    expect(settled('>ls\rpwd\r', '<ls\r\npwd\r\n', '<file\r\n/home\r\n')).toEqual(['ls\r', 'pwd\r']);
  });

  it.each([
    ['asked with echo off', ['<Password: ', '>hunter2\r', '<\r\nLast login']],
    ['typed key by key', ['<Password: ', ...Array.from('hunter2\r', (key) => `>${key}`), '<\r\n']],
    ['answered by stars', ['<Password: ', '>hu', '<**', '>nter2\r', '<*****\r\n']],
    ['followed by what begins like it', ['>hunter2\r', '<hunt is over\r\n']],
    ['followed by nothing', ['>hunter2\r']],
    ['interrupted', ['>hunter2\x03', '<^C\r\n']],
    ['not even ended', ['>hunter2']],
  ])('F8: a password is not kept that is %s', (_, dialogue) => {
    const lines = settled(...dialogue);
    expect(lines).toEqual([undefined]);
  });

  it('F8: the command after a password is kept', () => {
    expect(settled('>sudo -s\r', '<sudo -s\r\nPassword: ', '>secret\r', '<\r\n# ', '>id\r', '<id\r\n')).toEqual([
      'sudo -s\r',
      undefined,
      'id\r',
    ]);
  });

  it('F8: keys of full-screen programs, searches and lines with other output between are withheld: known limits', () => {
    expect(settled('>j', '<next line', '>q\r', '<\r\n')).toEqual([undefined]);
    expect(settled('>\x12', "<(reverse-i-search)`': ", '>ls', "<\r(reverse-i-search)`ls': ls", '>\r', '<\r\n')).toEqual(
      [undefined],
    );
    expect(settled('>l', '<[1]+ Done\r\nl', '>s', '<s', '>\r', '<\r\n')).toEqual([undefined]);
  });

  it('F8: a password that the terminal shows whole is kept: a known limit', () => {
    expect(settled('>hunter2\r', '<hunter2 is not right\r\n')).toEqual(['hunter2\r']);
  });

  it('a line without end, and lines without number, take a bounded room and are withheld', () => {
    const input = new EchoedInput();
    input.typed('x'.repeat(1_000_000));
    input.typed('\r'.repeat(1_000_000));
    expect(input.shown('x\r\n').every((line) => line === undefined || line === '\r')).toBe(true);
  });
});
