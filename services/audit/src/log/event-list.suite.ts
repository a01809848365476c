import type { AuditPublisher } from '@sallyport/messaging';
import { ListEventsV1, UserSignedIn, type StoredEvent, type UserId } from '@sallyport/contracts';
import type { Audit } from '../testing/audit-process.suite.js';

/** A short event, for tests. */
export const publishSignIn = (asset: AuditPublisher, userId: UserId, subject?: string): Promise<void> =>
  asset.publish(
    UserSignedIn,
    { userId, username: 'x', clientAddress: '::1', expiresAt: '2030-01-01T00:00:00Z' },
    subject === undefined ? {} : { subject },
  );

export const sequences = ({ items }: { items: StoredEvent[] }): number[] => items.map((event) => event.sequence);

/** The list of events, as an auditor asks for it. */
export async function eventList(audit: Audit) {
  const auditor = await audit.actor({ roles: ['auditor'] });
  const list = (request: object = {}) =>
    audit.bus.request(ListEventsV1, { actor: auditor, limit: 50, order: 'asc', ...request });
  /** The sequences of each page, to the last. */
  const everyPage = async (request: object): Promise<number[][]> => {
    const pages: number[][] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ ...request, cursor });
      pages.push(sequences(page));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return pages;
  };
  return { list, everyPage };
}
