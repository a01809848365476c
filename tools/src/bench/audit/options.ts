import { parseArgs } from 'node:util';
import { Failure } from '../../../progress.mjs';

/** What a person may choose about `npm run bench -- audit`. */
export interface AuditBenchOptions {
  /** Events that are published as fast as the stream takes them, each time. */
  published: number;
  /** Events that the log holds when it is asked. */
  events: number;
  /** Times that each question is asked, of other sessions and users each time. */
  questions: number;
}

export const usage = `npm run bench -- audit [options]
  --published N      events that are published at once, each time (100000)
  --events N         events in the log when it is asked (200000; up to 100000000, which takes its time and 1.5 KB each)
  --questions N      times each question is asked (100)`;

/** @throws Failure that names the option that is wrong */
export function readAuditOptions(args: readonly string[]): AuditBenchOptions {
  const values = parse(args);
  const count = (name: 'published' | 'events' | 'questions', usual: number): number => {
    const text = values[name] ?? String(usual);
    if (/^\d{1,9}$/.test(text) && Number(text) > 0 && Number(text) <= 100_000_000) return Number(text);
    throw new Failure(`--${name} must be a whole number above 0.`);
  };
  return {
    published: count('published', 100_000),
    events: count('events', 200_000),
    questions: count('questions', 100),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { published: text, events: text, questions: text },
    }).values;
  } catch (cause) {
    throw new Failure(cause instanceof Error ? cause.message : 'unknown option', { details: usage, cause });
  }
}
