import { parseArgs } from 'node:util';
import { Failure } from '../../progress.mjs';

/** What a person may choose about `npm run storm`. */
export interface StormOptions {
  seconds: number;
  /** Logons that begin in a second. */
  rate: number;
  /** From the begin of a rotation to the next one's. */
  everyMs: number;
  /** Between the two halves of a rotation, on the host and in KMS. */
  gapMs: number;
  /** How much longer KMS takes for each answer. */
  slowMs: number;
  /** Who logs on: OpenSSH's `ssh`, a process each, or `ssh2` within this process, at a fraction of the cost. */
  client: 'ssh' | 'ssh2';
  /** File for the results. */
  json: string | undefined;
  /** State folder of a Sallyport that runs already. */
  home: string | undefined;
}

export const usage = `npm run storm -- [options]
  --seconds N   how long (60)
  --rate N      logons a second (20)
  --every MS    from one rotation to the next (1000)
  --gap MS      between the two halves of a rotation, on the host and in KMS (150)
  --slow MS     how much longer KMS takes for each answer (0)
  --client NAME who logs on: ssh, or ssh2 within this process, for machines that cannot start so many (ssh)
  --json FILE   also write the results there
SALLYPORT_E2E_HOME=FOLDER uses a Sallyport that runs already.`;

const usual = { seconds: 60, rate: 20, every: 1_000, gap: 150, slow: 0 };

/** @throws Failure that names the option that is wrong */
export function readStormOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): StormOptions {
  const values = parse(args);
  const client = values['client'] ?? 'ssh';
  if (client !== 'ssh' && client !== 'ssh2') throw new Failure('--client must be ssh or ssh2.');
  const count = (name: keyof typeof usual, least: number): number => {
    const text = values[name];
    if (text === undefined) return usual[name];
    if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
    throw new Failure(`--${name} must be a whole number from ${least}.`);
  };
  return {
    seconds: count('seconds', 1),
    rate: count('rate', 1),
    everyMs: count('every', 1),
    gapMs: count('gap', 0),
    slowMs: count('slow', 0),
    client,
    json: values['json'],
    home: env['SALLYPORT_E2E_HOME'] === '' ? undefined : env['SALLYPORT_E2E_HOME'],
  };
}

function parse(args: readonly string[]): Record<string, string | undefined> {
  try {
    const names = [...Object.keys(usual), 'client', 'json'];
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new Failure(cause instanceof Error ? cause.message : 'unknown option', { details: usage, cause });
  }
}
