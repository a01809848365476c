import { jetstream, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { DomainError } from '@sallyport/errors';
import type { z } from 'zod';

/** Port: small values that all replicas of a service share, each read and changed as a whole. */
export abstract class SharedValues<T> {
  /** @throws DomainError `service.unavailable` */
  abstract get(key: string): Promise<T | undefined>;
  /** @param change may be called again, with what another replica has put meanwhile. @throws DomainError `service.unavailable` */
  abstract change(key: string, change: (before: T | undefined) => T): Promise<void>;
}

/** Others change a key between our look and our change no more often than this in a row. */
const MOST_TRIES = 10;

/** In a NATS KV bucket, which the deployment makes; entries go after the bucket's time to live. */
export class KvSharedValues<T> extends SharedValues<T> {
  #bucket: Promise<KV> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly bucketName: string,
    private readonly schema: z.ZodType<T>,
  ) {
    super();
  }

  override async get(key: string): Promise<T | undefined> {
    return (await this.#read(key)).value;
  }

  override async change(key: string, change: (before: T | undefined) => T): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { value, revision } = await this.#read(key);
      const changed = JSON.stringify(change(value));
      const done = await this.#ask(async (bucket) => {
        try {
          await bucket.put(key, changed, { previousSeq: revision });
          return true;
        } catch (error) {
          if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence)
            return false;
          throw error;
        }
      });
      if (done) return;
    }
    throw unavailable();
  }

  #read(key: string): Promise<{ value: T | undefined; revision: number }> {
    return this.#ask(async (bucket) => {
      const entry = await bucket.get(key);
      if (!entry) return { value: undefined, revision: 0 };
      const gone = entry.operation !== 'PUT';
      return { value: gone ? undefined : this.schema.parse(entry.json()), revision: entry.revision };
    });
  }

  async #ask<R>(ask: (bucket: KV) => Promise<R>): Promise<R> {
    try {
      return await ask(await this.#open());
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  #open(): Promise<KV> {
    this.#bucket ??= new Kvm(jetstream(this.connection)).open(this.bucketName).catch((error: unknown) => {
      this.#bucket = undefined;
      throw error;
    });
    return this.#bucket;
  }
}

function unavailable(cause?: unknown): DomainError {
  return new DomainError('service.unavailable', 'what replicas share cannot be looked up now, try again', {
    retryable: true,
    cause,
  });
}
