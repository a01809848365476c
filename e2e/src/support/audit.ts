import { ListEventsRoute, type StoredEvent } from '@sallyport/contracts';
import { waitFor, type RestClient } from '@sallyport/testing';

/** Events of a type that fit, as an auditor finds them by REST; waits until there is one. */
export async function eventsOf(
  auditor: RestClient,
  name: string,
  fits: (event: StoredEvent) => boolean,
): Promise<StoredEvent[]> {
  const query = { type: `io.sallyport.${name}.v1`, order: 'desc', limit: 200 };
  let found: StoredEvent[] = [];
  await waitFor(
    async () => {
      found = (await auditor.call(ListEventsRoute, { query })).items.filter(fits);
      return found.length > 0;
    },
    { what: `an event ${name}`, timeoutMs: 15_000 },
  );
  return found;
}

/** What stands in the one line of a refusal: `[code, id TRACE]`; and how many lines there are, but for the one that tells who waits. */
export function refusal(stderr: string): { code: string; traceId: string; lines: number } {
  const [, code = '', traceId = ''] = /\[([a-z.-]+), id ([0-9a-f]{32})\]/.exec(stderr) ?? [];
  const lines = stderr.trim().split('\n');
  return { code, traceId, lines: lines.filter((line) => !/, waiting…\r?$/.test(line)).length };
}
