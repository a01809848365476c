import { ApiError } from './api-error.js';
import type { Operation, Quota } from './operation.js';

/** Calls a second, per account and region, of the shared gateway: reference section 5. The numbers of ECS and STS are not published. */
const perSecond: Readonly<Record<Quota, number>> = {
  'secret-read': 450,
  list: 40,
  'secret-write': 10,
  change: 30,
  'key-read': 50,
  'key-create': 10,
  'ecs-read': 50,
  sts: 100,
};

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets, one for each quota and account, that hold one second's worth of calls, and one call at least. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param scale asked at each call: 1 = the cloud's numbers, 10 = ten times as many, 0 = no limit
   * @param nowMs monotonic milliseconds; never the settable clock, which may jump
   */
  constructor(
    private readonly scale: () => number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws ApiError `Rejected.Throttling` (KMS) or `Throttling.User` (ECS) */
  admit({ quota, product }: Pick<Operation, 'quota' | 'product'>, accountId: string): void {
    const rate = perSecond[quota] * this.scale();
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
    ? new ApiError('Rejected.Throttling', 'QPS Limit Exceeded')
    : new ApiError('Throttling.User', 'Request was denied due to user flow control.');
}
