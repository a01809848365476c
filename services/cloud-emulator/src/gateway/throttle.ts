import { ApiError } from './api-error.js';
import type { Rules } from '../rules.js';
import type { Operation, Quota } from './operation.js';

/** Calls a second, per account and region, of the shared gateway: reference section 5. */
const perSecond: Readonly<Record<Exclude<Quota, 'ecs-read' | 'sts'>, number>> = {
  'secret-read': 450,
  list: 40,
  'secret-write': 10,
  change: 30,
  'key-read': 50,
  'key-tags': 300,
  'key-create': 10,
};

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets, one for each quota and account, that hold one second's worth of calls, and one call at least. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param rules asked at each call
   * @param nowMs monotonic milliseconds; never the settable clock, which may jump
   */
  constructor(
    private readonly rules: () => Pick<Rules, 'quotaScale' | 'ecsCallsPerSecond' | 'stsCallsPerSecond'>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws ApiError `Rejected.Throttling` (KMS) or `Throttling.User` (ECS) */
  admit({ quota, product }: Pick<Operation, 'quota' | 'product'>, accountId: string): void {
    const { quotaScale, ecsCallsPerSecond, stsCallsPerSecond } = this.rules();
    const published = { ...perSecond, 'ecs-read': ecsCallsPerSecond, sts: stsCallsPerSecond };
    const rate = published[quota] * quotaScale;
    if (rate === 0) return;
    const now = this.nowMs();
    const size = Math.max(1, rate);
    const place = `${accountId} ${quota}`;
    const bucket = this.#buckets.get(place) ?? { tokens: size, filledAt: now };
    this.#buckets.set(place, bucket);
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.filledAt) / 1_000) * rate);
    bucket.filledAt = now;
    if (bucket.tokens < 1) throw throttled(product);
    bucket.tokens -= 1;
  }
}

/** The refusal of a call over the limit. */
export function throttled(product: Operation['product']): ApiError {
  return product === 'kms'
    ? new ApiError('Rejected.Throttling', 'QPS Limit Exceeded', { situation: 'kms-throttled' })
    : new ApiError('Throttling.User', 'Request was denied due to user flow control.', {
        situation: 'ecs-throttled',
      });
}
