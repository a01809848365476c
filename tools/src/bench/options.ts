import { parseArgs } from 'node:util';
import { Failure } from '../../progress.mjs';

/** What can be measured, in the order in which it is. */
export const partNames = [
  'logon',
  'bulk',
  'sftp',
  'files',
  'terminal',
  'echo',
  'memory',
  'many',
  'far',
  'load',
] as const;
export type PartName = (typeof partNames)[number];

/** What a person may choose about `npm run bench`. */
export interface BenchOptions {
  parts: readonly PartName[];
  /** Times that each way does the same work. */
  rounds: number;
  /** Moved by each transfer. */
  sizeMiB: number;
  /** Terminals that print while a keystroke is timed. */
  busySessions: number;
  /** Keystrokes timed in each round. */
  keystrokes: number;
  /** Sessions held open while memory is measured. */
  idleSessions: number;
  cipher: string;
  /** SESSION_PROCESSES of the Sallyport that is started; undefined leaves its default. */
  processes: number | undefined;
  /** SESSION_WINDOW_BYTES of the Sallyport that is started; undefined leaves its default. */
  windowBytes: number | undefined;
  /** SESSION_PACKET_BYTES, likewise. */
  packetBytes: number | undefined;
  /** Transfers side by side in the part `many`. */
  sideBySide: number;
  /** Of the part `far`: from here to there and back. */
  roundTripMs: number;
  /** A relay of bare ssh2 beside the other ways. */
  bare: boolean;
  /** File for the results. */
  json: string | undefined;
  /** File of an earlier run to compare with. */
  against: string | undefined;
  /** Folder for a CPU profile of the session process and its flame graph. */
  profile: string | undefined;
  /** State folder of a Sallyport that runs already. */
  home: string | undefined;
}

export const usage = `npm run bench -- [options]
  --parts logon,bulk,...   what to measure: ${partNames.join(', ')} (all)
  --rounds N               times each way does the same work (7)
  --size MIB               moved by each transfer (256)
  --busy N                 terminals that print while keystrokes are timed (20)
  --keystrokes N           keystrokes timed in each round (100)
  --idle N                 sessions held open for the memory of one (100)
  --cipher NAME            (aes128-gcm@openssh.com)
  --processes N            session processes behind the one port
  --window BYTES           SESSION_WINDOW_BYTES
  --packet BYTES           SESSION_PACKET_BYTES
  --side-by-side N         transfers at the same time in the part many (4)
  --round-trip MS          of the part far (200)
  --bare                   logon, bulk, sftp and files also through a relay that is ssh2 and nothing else: what Node can do
  --json FILE              also write the results there
  --against FILE           compare with the results of an earlier run; exit code 2 when something became worse
  --profile FOLDER         also write a CPU profile of the session process and its flame graph
SALLYPORT_E2E_HOME=FOLDER measures a Sallyport that runs already.`;

/** @throws Failure that names the option that is wrong */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): BenchOptions {
  const { values, bare } = parse(args);
  const count = (name: string, usual: number): number => {
    const text = values[name];
    if (text === undefined) return usual;
    if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
    throw new Failure(`--${name} must be a whole number above 0.`);
  };
  return {
    parts: values['parts'] === undefined ? partNames : readParts(values['parts']),
    rounds: count('rounds', 7),
    sizeMiB: count('size', 256),
    busySessions: count('busy', 20),
    keystrokes: count('keystrokes', 100),
    idleSessions: count('idle', 100),
    cipher: values['cipher'] ?? 'aes128-gcm@openssh.com',
    processes: values['processes'] === undefined ? undefined : count('processes', 1),
    windowBytes: values['window'] === undefined ? undefined : count('window', 1),
    packetBytes: values['packet'] === undefined ? undefined : count('packet', 1),
    sideBySide: count('side-by-side', 4),
    roundTripMs: count('round-trip', 200),
    bare,
    json: values['json'],
    against: values['against'],
    profile: values['profile'],
    home: env['SALLYPORT_E2E_HOME'] === '' ? undefined : env['SALLYPORT_E2E_HOME'],
  };
}

const names = [
  'parts',
  'rounds',
  'size',
  'busy',
  'keystrokes',
  'idle',
  'cipher',
  'processes',
  'window',
  'packet',
  'side-by-side',
  'round-trip',
  'json',
  'against',
  'profile',
];

interface Values {
  values: Readonly<Record<string, string | undefined>>;
  bare: boolean;
}

function parse(args: readonly string[]): Values {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
    const { bare, ...values } = parseArgs({
      args: [...args],
      options: { ...options, bare: { type: 'boolean' } },
    }).values;
    return { values: values, bare: bare === true };
  } catch (cause) {
    throw new Failure(cause instanceof Error ? cause.message : 'unknown option', { details: usage, cause });
  }
}

function readParts(text: string): PartName[] {
  const wanted = text.split(',');
  const unknown = wanted.filter((name) => !partNames.some((part) => part === name));
  if (unknown.length > 0) {
    throw new Failure(`there is no part ${unknown.join(', ')}; there are: ${partNames.join(', ')}`);
  }
  return partNames.filter((name) => wanted.includes(name));
}
