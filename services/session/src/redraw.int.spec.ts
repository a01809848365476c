import { midnightCommander, run, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { Screen } from './testing/screen.js';
import { describeStory } from './testing/story.js';

/** Programs that draw a screen, with keys to type, and what must be seen then. */
const programs = [
  ['less', 'less -S text', ['Space'], 'line 60'],
  ['vim', 'vim -u NONE -n text', ['G', 'o', 'written', 'Escape'], 'written'],
  ['tmux', 'tmux -f tmux.conf -L of-$$ new less text', ['G'], 'line 200'],
  ['mc', 'mc -v text', ['End'], 'line 200'],
] as const;
const addToUsr = await midnightCommander().catch(() => '');
const missing = async (program: string): Promise<boolean> => {
  const there = `command -v tmux && { command -v ${program} || test -x ${addToUsr}/bin/${program}; }`;
  return (await run('sh', ['-c', there])).code !== 0;
};

const stories: Parameters<typeof describeStory>[1] = (story) => {
  for (const [program, command, keys, seen] of programs)
    it(`D14: ${program} draws as without the bastion, and draws anew when the terminal gets another size`, async (context) => {
      context.skip(await missing(program), `${program} or tmux is not installed`);
      const { bastion, host, userKey } = story;
      await host.setAuthorizedKey('ops', userKey.publicKey);
      await host.run('cd /home/ops; seq -f "line %g" 200 >text; echo "set -g status off" >tmux.conf');
      const settings = [
        'UserKnownHostsFile=/dev/null',
        'StrictHostKeyChecking=no',
        'LogLevel=ERROR',
        'EscapeChar=none',
      ];
      const options = `-F none -i ${userKey.privateKeyFile} ${settings.map((setting) => `-o ${setting}`).join(' ')}`;
      const screens = await Promise.all([
        Screen.start(`ssh -t ${options} -p ${host.port} ops@127.0.0.1 "${command}"`),
        Screen.start(`ssh -t ${options} -p ${bastion.port} alice@ops@web-1@127.0.0.1 "${command}"`),
      ]);
      const all = <T>(act: (screen: Screen) => Promise<T>): Promise<T[]> => Promise.all(screens.map(act));
      const same = async (text: string, lines: number): Promise<boolean> => {
        const [direct, through] = (await all((screen) => screen.show())).map((shown) =>
          shown.replace(/\n$/, '').split('\n'),
        );
        expect(through).toEqual(direct);
        return through?.length === lines && through.some((line) => line.includes(text));
      };
      try {
        await waitFor(() => same('line 1', 24), { what: 'the first screen' });
        await all((screen) => screen.resize(132, 50));
        await waitFor(() => same('line 1', 50), { what: 'the larger screen' });
        await all((screen) => screen.type(...keys));
        await waitFor(() => same(seen, 50), { what: 'what was typed' });
        await all((screen) => screen.resize(40, 10));
        await waitFor(() => same('', 10), { what: 'the smaller screen' });
      } finally {
        await all((screen) => screen.close());
      }
    });
};
describeStory('programs that draw a screen', stories, addToUsr === '' ? {} : { addToUsr });
