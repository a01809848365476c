import { z } from 'zod';
import { ApiError } from './api-error.js';
import { timeOff, wrongSignature } from './check-caller.js';
import type { Operation } from './operation.js';
import type { SignedCall } from './signed-call.js';
import { throttled } from './throttle.js';

/** Faults on purpose. `count`: for so many calls, then over. `rate`: for this share of calls, 0 to 1. */
export const FaultRule = z.strictObject({
  /** Every operation when absent. */
  operation: z.string().optional(),
  count: z.int().min(1).optional(),
  rate: z.number().min(0).max(1).optional(),
  kind: z.enum([
    '429',
    '500',
    '503',
    'delay',
    'reset',
    'truncated',
    'not-json',
    'expired-sts',
    'disabled-key',
    'denied',
    'key-denied',
    'clock-skew',
    'bad-signature',
  ]),
  /** Waits this long before the fault; the kind `delay` waits and then answers as usual. */
  delayMs: z.int().min(0).max(600_000).optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;

/** What the listener does to an answer: the work was done, and the caller does not get to know (`reset`: not even done). */
export type Spoil = 'reset' | 'truncated' | 'not-json';

/** Longer than the 3 s that the SDKs wait by default. */
const defaultDelayMs = 4_000;

/** The faults that are set, in the order in which they are tried; the first that applies is taken. */
export class Faults {
  #rules: { rule: FaultRule; left: number }[] = [];

  constructor(private readonly random: () => number = Math.random) {}

  /** Replaces what was set before. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({ rule, left: rule.count ?? Infinity }));
  }

  /** The fault for the next call of this operation, counted as used. */
  take(action: string): FaultRule | undefined {
    const found = this.#rules.find(
      ({ rule, left }) =>
        left > 0 && (rule.operation ?? action) === action && (rule.rate === undefined || this.random() < rule.rate),
    );
    if (!found) return undefined;
    found.left -= 1;
    return found.rule;
  }
}

/** How long a fault makes the caller wait. */
export function delayOf({ kind, delayMs }: FaultRule): number {
  return delayMs ?? (kind === 'delay' ? defaultDelayMs : 0);
}

/** The refusal that a fault stands for, or undefined for one that lets the call through. */
export function refusalOf(
  { kind }: FaultRule,
  { product }: Operation,
  { stringToSign }: Pick<SignedCall, 'stringToSign'>,
): ApiError | undefined {
  switch (kind) {
    case '429':
      return throttled(product);
    case '500':
      return new ApiError('InternalFailure', 'Internal Failure');
    case '503':
      return product === 'kms'
        ? new ApiError('ServiceUnavailableTemporary', 'Service Unavailable Temporary', { situation: 'kms-unavailable' })
        : new ApiError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.');
    case 'expired-sts':
      return new ApiError('InvalidAccessKeyId.NotFound', 'The Access Key ID provided does not exist in our records.');
    case 'disabled-key':
      return new ApiError('Rejected.Disabled', 'The request was rejected because the key state is Disabled.');
    case 'denied':
      return new ApiError('Forbidden.NoPermission', 'This operation is forbidden by permission system.');
    case 'key-denied':
      return new ApiError('Forbidden.NoPermission', 'This operation is forbidden by permission system.', {
        detail: { AuthAction: 'kms:Decrypt', NoPermissionType: 'ImplicitDeny' },
      });
    case 'clock-skew':
      return timeOff();
    case 'bad-signature':
      return wrongSignature(stringToSign);
    case 'delay':
    case 'reset':
    case 'truncated':
    case 'not-json':
      return undefined;
  }
}

/** What to do to the answer. */
export function spoilOf({ kind }: FaultRule): Spoil | undefined {
  return kind === 'reset' || kind === 'truncated' || kind === 'not-json' ? kind : undefined;
}
