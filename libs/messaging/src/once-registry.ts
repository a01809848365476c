import { jetstream, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { DomainError } from '@sallyport/errors';

/** Port: remembers what may happen once, for all replicas of a service. */
export abstract class OnceRegistry {
  /**
   * True for the first who claims the key, false for everyone after.
   * @throws DomainError `service.unavailable` when it cannot be told; then nothing may be done
   */
  abstract claim(key: string): Promise<boolean>;
}

/** In a NATS KV bucket, which the deployment makes; entries go after the bucket's time to live. */
export class KvOnceRegistry extends OnceRegistry {
  private bucket: Promise<KV> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly bucketName: string,
  ) {
    super();
  }

  override async claim(key: string): Promise<boolean> {
    try {
      const bucket = await this.open();
      await bucket.create(key, new Uint8Array());
      return true;
    } catch (cause) {
      if (cause instanceof JetStreamApiError && isTaken(cause)) return false;
      throw new DomainError('service.unavailable', 'used grants cannot be looked up now, try again', {
        retryable: true,
        cause,
      });
    }
  }

  private open(): Promise<KV> {
    this.bucket ??= new Kvm(jetstream(this.connection)).open(this.bucketName).catch((error: unknown) => {
      this.bucket = undefined;
      throw error;
    });
    return this.bucket;
  }
}

const isTaken = (error: JetStreamApiError): boolean =>
  error.code === JetStreamApiCodes.StreamWrongLastSequence ||
  error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown;
