import { AuditLogPruned } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { EventMonths, type DueMonth } from './event-months.js';

const Sequence = z.coerce.number().int();
const Due = z.array(
  z.object({ month: z.string(), first: Sequence, last: Sequence, retention: z.int(), announced: z.boolean() }),
);
const First = z.tuple([z.object({ first: Sequence })]);

export class PostgresEventMonths extends EventMonths {
  constructor(private readonly database: Pick<Database, 'manager'>) {
    super();
  }

  override async due(): Promise<DueMonth | undefined> {
    const rows: unknown = await this.database.manager.query(
      `SELECT month, first_sequence AS first, last_sequence AS last, months AS retention,
              EXISTS (SELECT FROM event WHERE type = $1 AND body::json #>> '{data,month}' = month
                         AND body::json #>> '{data,lastSequence}' = last_sequence::text) AS announced
         FROM due_event_months(), retention LIMIT 1`,
      [AuditLogPruned.type],
    );
    const [row] = Due.parse(rows);
    if (!row) return undefined;
    const { month, first, last, retention, announced } = row;
    return { month, firstSequence: first, lastSequence: last, retentionMonths: retention, announced };
  }

  override async drop(month: string): Promise<void> {
    await this.database.manager.query('SELECT drop_event_month($1)', [month]);
  }

  override async firstKept(): Promise<number> {
    const rows: unknown = await this.database.manager.query(
      'SELECT coalesce(max(last_sequence), 0) + 1 AS first FROM dropped_month',
    );
    return First.parse(rows)[0].first;
  }
}
