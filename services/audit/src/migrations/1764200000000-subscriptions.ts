import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Receivers of events, and what they did not take. */
export class Subscriptions1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE subscription (
        id uuid PRIMARY KEY,
        name text NOT NULL CONSTRAINT subscription_name_unique UNIQUE,
        url text NOT NULL,
        filter jsonb NOT NULL,
        -- of a webhook: its key, sealed to the service (HPKE)
        secret jsonb,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
        -- all up to this sequence is done with
        position bigint NOT NULL,
        failures int NOT NULL DEFAULT 0,
        -- of the event that is being tried
        failing_since timestamptz,
        retry_at timestamptz,
        last_error text,
        -- the replica that sends, and until when it is taken to live
        sender uuid,
        sender_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE dead_letter (
        subscription_id uuid NOT NULL REFERENCES subscription ON DELETE CASCADE,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        error text NOT NULL,
        failed_at timestamptz NOT NULL DEFAULT now(),
        retrying boolean NOT NULL DEFAULT false,
        PRIMARY KEY (subscription_id, sequence)
      );
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
