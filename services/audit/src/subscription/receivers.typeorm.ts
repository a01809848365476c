import { type DeadLetter, Sealed, Subscription, SubscriptionFilter } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { violatedConstraint, type Database } from '@sallyport/postgres';
import { z } from 'zod';
import { Receivers, type NewReceiver, type Progress, type Receiver } from './subscription.js';

const Count = z.coerce.number().int();
const When = z.date().nullable();
const Shown = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    filter: SubscriptionFilter,
    status: z.string(),
    position: Count,
    behind: Count,
    failures: Count,
    last_error: z.string().nullable(),
    retry_at: When,
    dead_letters: Count,
    created_at: z.date(),
  }),
);
const Taken = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    filter: SubscriptionFilter,
    secret: Sealed.nullable(),
    position: Count,
    failures: Count,
    failing_since: When,
  }),
);
const Buried = z.array(
  z.object({ sequence: Count, event_id: z.string(), error: z.string(), failed_at: z.date(), retrying: z.boolean() }),
);
const Sequences = z.array(z.object({ sequence: Count }));

const shown = `SELECT subscription.*, (SELECT coalesce(max(sequence), 0) FROM event) - position AS behind,
                      (SELECT count(*) FROM dead_letter WHERE subscription_id = subscription.id) AS dead_letters
                 FROM subscription`;

export class PostgresReceivers extends Receivers {
  constructor(private readonly database: Database) {
    super();
  }

  override async add({ id, name, url, filter, secret, position }: NewReceiver): Promise<void> {
    await this.query(
      'INSERT INTO subscription (id, name, url, filter, secret, position) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, name, url, JSON.stringify(filter), secret ? JSON.stringify(secret) : null, position],
    ).catch((error: unknown) => {
      if (violatedConstraint(error) === 'subscription_name_unique')
        throw new DomainError('subscription.exists', 'another receiver has this name', { cause: error });
      throw error;
    });
  }

  override async list(): Promise<Subscription[]> {
    return Shown.parse(await this.query(`${shown} ORDER BY name`)).map(toSubscription);
  }

  override async get(id: string): Promise<Subscription | undefined> {
    return Shown.parse(await this.query(`${shown} WHERE id = $1`, [id])).map(toSubscription)[0];
  }

  override async update(
    id: string,
    { status, position }: { status?: string | undefined; position?: number | undefined },
  ): Promise<void> {
    await this.query(
      `UPDATE subscription SET status = coalesce($2, status), position = coalesce($3, position), sender = NULL,
              failures = 0, failing_since = NULL, retry_at = NULL, last_error = NULL WHERE id = $1`,
      [id, status ?? null, position ?? null],
    );
  }

  override async remove(id: string): Promise<void> {
    await this.query('DELETE FROM subscription WHERE id = $1', [id]);
  }

  override async deadLetters(id: string, after: number, limit: number): Promise<DeadLetter[]> {
    const rows = await this.query(
      `SELECT sequence, event_id, error, failed_at, retrying FROM dead_letter
        WHERE subscription_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [id, after, limit],
    );
    return Buried.parse(rows).map(({ sequence, event_id, error, failed_at, retrying }) => ({
      sequence,
      id: event_id,
      error,
      failedAt: failed_at.toISOString(),
      retrying,
    }));
  }

  override async retryDeadLetters(id: string): Promise<number> {
    await this.query('UPDATE dead_letter SET retrying = true WHERE subscription_id = $1', [id]);
    const rows = await this.query('SELECT sequence FROM dead_letter WHERE subscription_id = $1', [id]);
    return Sequences.parse(rows).length;
  }

  override async take(sender: string, forMs: number): Promise<Receiver[]> {
    await this.query(
      `UPDATE subscription SET sender = $1, sender_until = now() + $2 * interval '1 millisecond'
        WHERE status = 'active' AND (retry_at IS NULL OR retry_at <= now())
          AND (sender IS NULL OR sender = $1 OR sender_until < now())`,
      [sender, forMs],
    );
    const rows = await this.query(
      `SELECT id, name, url, filter, secret, position, failures, failing_since FROM subscription
        WHERE sender = $1 AND status = 'active' AND (retry_at IS NULL OR retry_at <= now())`,
      [sender],
    );
    return Taken.parse(rows).map(({ failing_since, secret, ...row }) => ({
      ...row,
      secret: secret ?? undefined,
      failingSince: failing_since ?? undefined,
    }));
  }

  override async keep(sender: string, id: string, from: number, progress: Progress, forMs: number): Promise<boolean> {
    const { position, failures, failingSince, retryAt, lastError } = progress;
    const kept = await this.query(
      `WITH kept AS (UPDATE subscription SET position = $4, failures = $5, failing_since = $6, retry_at = $7,
                            last_error = $8, sender_until = now() + $9 * interval '1 millisecond'
                      WHERE id = $1 AND sender = $2 AND position = $3 AND status = 'active' RETURNING position)
       SELECT position AS sequence FROM kept`,
      [id, sender, from, position, failures, failingSince ?? null, retryAt ?? null, lastError ?? null, forMs],
    );
    return Sequences.parse(kept).length > 0;
  }

  override async release(sender: string): Promise<void> {
    await this.query('UPDATE subscription SET sender = NULL WHERE sender = $1', [sender]);
  }

  override async bury(
    id: string,
    { sequence, eventId, error }: { sequence: number; eventId: string; error: string },
  ): Promise<void> {
    await this.query(
      `INSERT INTO dead_letter (subscription_id, sequence, event_id, error) VALUES ($1, $2, $3, $4)
       ON CONFLICT (subscription_id, sequence) DO UPDATE SET error = excluded.error, failed_at = now(), retrying = false`,
      [id, sequence, eventId, error],
    );
  }

  override async toRetry(id: string, limit: number): Promise<number[]> {
    const rows = await this.query(
      'SELECT sequence FROM dead_letter WHERE subscription_id = $1 AND retrying ORDER BY sequence LIMIT $2',
      [id, limit],
    );
    return Sequences.parse(rows).map(({ sequence }) => sequence);
  }

  override async revive(id: string, sequence: number): Promise<void> {
    await this.query('DELETE FROM dead_letter WHERE subscription_id = $1 AND sequence = $2', [id, sequence]);
  }

  private query(statement: string, values: unknown[] = []): Promise<unknown> {
    return this.database.manager.query(statement, values);
  }
}

function toSubscription(row: z.infer<typeof Shown>[number]): Subscription {
  return Subscription.parse({
    ...row,
    behind: Math.max(0, row.behind),
    deadLetters: row.dead_letters,
    createdAt: row.created_at.toISOString(),
    lastError: row.last_error ?? undefined,
    retryAt: row.retry_at?.toISOString(),
  });
}
