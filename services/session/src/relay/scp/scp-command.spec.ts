import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScpCommand } from './scp-command.js';

const direction = (command: string): string | undefined => readScpCommand(command)?.direction;

describe('readScpCommand', () => {
  it.each([
    ['scp -t /tmp/x', 'upload'],
    ['scp -f /tmp/x', 'download'],
    ['scp -v -r -p -d -t -- -x', 'upload'],
    ['scp -r -f *.txt', 'download'],
    ["scp  -qrt '/tmp/with space'", 'upload'],
    ['scp -pf "a \\"b\\"" a\\ c', 'download'],
    ['/usr/bin/scp -t ~/ü', 'upload'],
    // "\ufffd" stands for bytes that are not UTF-8.
    ['scp -t \ufffd\ufffd', 'upload'],
  ])('takes %s for scp', (command, expected) => {
    expect(direction(command)).toBe(expected);
  });

  it.each([
    'scp -t /tmp/x; bash',
    'scp -t /tmp/x\nbash',
    'scp -t /tmp/x && bash',
    'scp -t x | bash',
    'scp -t x & bash',
    'scp -t $(bash)',
    'scp -t `bash`',
    'scp -t "$(bash)"',
    'scp -t "`bash`"',
    'scp -t x >/etc/passwd',
    'scp -t <(bash)',
    "scp -t 'x' 'y'; bash '",
    'scp -t x\\\nbash',
    'scp -t {a,b}',
    'scp -t !!',
    'scp -S /bin/sh -t x',
    'scp -oProxyCommand=sh -t x',
    'scp -t -f x',
    'scp -t',
    'scp a b',
    'sh -c "scp -t x"',
    ' scp -t x',
    'scpx -t x',
    './scp -t x',
    '/tmp/scp -t x',
    'PATH=. scp -t x',
    'exec scp -t x',
    'scp\t-t x',
  ])('F2: does not take %j for plain scp', (command) => {
    expect(direction(command)).toBeUndefined();
  });

  it('is wrong about a shell’s own idea of scp, and about rarer spellings', () => {
    // Only the target knows that `alias scp=bash` is set, or that ~/bin/scp comes first.
    expect(direction('scp -t x')).toBe('upload');
    expect(direction('scp -l 100 -t x')).toBeUndefined();
    expect(direction('/usr/local/bin/scp -t x')).toBeUndefined();
    expect(direction('scp -t $HOME/x')).toBeUndefined();
  });

  it('H7: decides of any command within moments', () => {
    const word = fc.constantFrom(
      'scp',
      ' ',
      '-t',
      '-f',
      '-rp',
      '--',
      '/tmp/x',
      "'",
      '"',
      '\\',
      ';',
      '\n',
      '$(',
      '-'.repeat(500),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join('')),
        ),
        (command) => {
          const found = readScpCommand(command);
          if (found) expect(command.trimStart()).toMatch(/scp/);
        },
      ),
    );
  });
});
