import { createHash } from 'node:crypto';
import type { Database } from '@sallyport/postgres';
import { Quarantine, type QuarantinedMessage } from './event-log.js';

export class PostgresQuarantine extends Quarantine {
  constructor(private readonly database: Database) {
    super();
  }

  /** The digest beside the place in the stream: a stream that was made anew counts from 1 again. */
  override async keep(messages: readonly QuarantinedMessage[]): Promise<void> {
    for (const { streamSequence, subject, reason, data } of messages)
      await this.database.manager.query(
        `INSERT INTO malformed_message (stream_sequence, digest, subject, reason, data)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        [streamSequence, createHash('sha256').update(data).digest(), subject, reason, Buffer.from(data)],
      );
  }
}
