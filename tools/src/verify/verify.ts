import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExportVerifier, NoteVerifier, Tampered, type Verified } from '@sallyport/transparency';
import { CheckRecording } from './check-recording.js';
import { CheckRecordings } from './check-recordings.js';
import { readLines } from './read-lines.js';

export const usage = `usage: sallyport verify EXPORT --key KEY [--witness FILE] [--first N] [--last N] [--selection]
                        [--recording FILE] [--recordings FOLDER]

  EXPORT       what GET /v1/audit/export answered, as a file
  --key        the log's verifier key (NAME+ID+BASE64), or a file that holds it
  --witness    checkpoints that were kept outside of the database (AUDIT_WITNESS_FILE)
  --first, --last   of a part of the log: the events that it must have
  --recording  an asciicast of GET /v1/sessions/{id}/recording, to be compared with its events in the export
  --recordings the store of recordings, as a folder: are all there that the export says were stored?
  --selection  of an export with a filter: some events are there, and nothing is said of the others
`;

/** It was called wrongly: nothing was verified. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Checks an export against the log's key, reading the files that it is given and nothing else.
 * @returns one sentence
 * @throws Tampered with the first thing that is wrong
 * @throws UsageError
 */
export async function verify(args: readonly string[]): Promise<string> {
  const { path, key, expected, recording, recordings } = readArguments(args);
  const verifier = new ExportVerifier(key, expected);
  const checks = [
    ...(recording === undefined ? [] : [new CheckRecording(readFileSync(recording))]),
    ...(recordings === undefined ? [] : [new CheckRecordings(recordings)]),
  ];
  for await (const line of readLines(path)) {
    verifier.line(line);
    for (const check of checks) check.line(line);
  }
  return [describe(verifier.end()), ...checks.map((check) => check.end())].join('; ');
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    key: text,
    witness: text,
    first: text,
    last: text,
    recording: text,
    recordings: text,
    selection: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0 || values.key === undefined)
      throw new UsageError('EXPORT and --key are needed');
    if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
    const key = new NoteVerifier((existsSync(values.key) ? readFileSync(values.key, 'utf8') : values.key).trim());
    const expected = {
      first: sequence(values.first),
      last: sequence(values.last),
      selection: values.selection ?? false,
      witnessed: values.witness === undefined ? [] : readWitness(values.witness),
    };
    const { recording, recordings } = values;
    for (const given of [recording, recordings])
      if (given !== undefined && !existsSync(given)) throw new UsageError(`there is no ${given}`);
    return { path, key, expected, recording, recordings };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function sequence(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new UsageError('a sequence is a number from 1 on');
  return Number(text);
}

/** A line that is no JSON is damaged, and may be the one that matters. */
function readWitness(path: string): string[] {
  const notes = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { checkpoint?: unknown }).checkpoint);
  return notes.map((note) => {
    if (typeof note !== 'string') throw new UsageError(`${path} has a line without a checkpoint`);
    return note;
  });
}

function describe({ size, events, first, last, uncompared }: Verified): string {
  const rest = uncompared.length === 0 ? '' : `; ${uncompared.length} checkpoints of the witness could not be compared`;
  const whole = first === 1 && last === size && events === size;
  const what = whole ? `all ${size} events of the log` : `${events} events of ${first} to ${last}, of a log of ${size}`;
  return `${what}: as they were recorded${rest}`;
}

export { Tampered };
