import { ListEventsRoute, type StoredEvent } from '@sallyport/contracts';
import { waitFor, type RestClient } from '@sallyport/testing';

/**
 * Events of a type that fit, newest first, as an auditor finds them by REST; waits until there are so many, one unless told. An
 * event comes to the log a moment after what it tells of, and two of them not always together.
 */
export async function eventsOf(
  auditor: RestClient,
  name: string,
  fits: (event: StoredEvent) => boolean,
  count = 1,
): Promise<StoredEvent[]> {
  const query = { type: `io.sallyport.${name}.v1`, order: 'desc', limit: 200 };
  let found: StoredEvent[] = [];
  await waitFor(
    async () => {
      found = (await auditor.call(ListEventsRoute, { query })).items.filter(fits);
      return found.length >= count;
    },
    { what: count === 1 ? `an event ${name}` : `${count} events ${name}` },
  );
  return found;
}

/** What `ssh` says, but for the line that tells who waits: a logon takes as long as the machine needs. */
export const withoutWaiting = (stderr: string): string => stderr.replace(/^.*, waiting…\r?\n/gm, '');

/** Its lines. A client that is slow to leave is told the same again when it is disconnected: that is not another line. */
export function linesOf(stderr: string): string[] {
  const lines = withoutWaiting(stderr).trim().split(/\r?\n/);
  return lines.flatMap((line) => {
    if (line.startsWith('Disconnected from ')) return [];
    const [, told] = /^Received disconnect from \S+ port \d+:\d+: (.*)$/.exec(line) ?? [];
    return told === undefined ? [line] : lines.includes(told) ? [] : [told];
  });
}

/** What stands in the one line of a refusal: `[code, id TRACE]`; and how many lines there are. */
export function refusal(stderr: string): { code: string; traceId: string; lines: number } {
  const [, code = '', traceId = ''] = /\[([a-z.-]+), id ([0-9a-f]{32})\]/.exec(stderr) ?? [];
  return { code, traceId, lines: linesOf(stderr).length };
}
