import { AuditLogViewed, type EventData, type IdentityClaims } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';

type Operation = EventData<typeof AuditLogViewed>['operation'];

/** The same view by the same person is recorded once in this time. */
const quietMs = 10 * 60_000;
/** Views remembered; when there are more, the oldest are recorded once more than needed. */
const maxRemembered = 10_000;

/** Who reads the log is on record in the log, before he sees anything of it. */
export class RecordView {
  /** Time of the last record, in the order of recording. */
  private readonly recorded = new Map<string, number>();

  constructor(private readonly audit: AuditPublisher) {}

  /**
   * @param filter what was asked for, less the place in the list
   * @throws DomainError `audit.unavailable` then nothing may be shown
   */
  async run(
    { userId, username, clientAddress }: IdentityClaims,
    operation: Operation,
    filter: Readonly<Record<string, string | number | undefined>>,
    now = Date.now(),
  ): Promise<void> {
    const asked = Object.fromEntries(
      Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    );
    const view = JSON.stringify([userId, clientAddress, operation, Object.entries(asked).sort()]);
    if (now - (this.recorded.get(view) ?? -Infinity) < quietMs) return;
    await this.audit.publish(AuditLogViewed, { actorId: userId, username, clientAddress, operation, filter: asked });
    this.recorded.delete(view);
    this.recorded.set(view, now);
    const [oldest] = this.recorded.keys();
    if (this.recorded.size > maxRemembered && oldest !== undefined) this.recorded.delete(oldest);
  }
}
