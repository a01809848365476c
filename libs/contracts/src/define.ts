import type { z } from 'zod';
import type { ErrorCode } from './errors.js';
import type { Role } from './values.js';

/** The processes that have a NATS identity of their own. */
export const serviceNames = ['api', 'asset', 'secret-broker', 'session', 'audit'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One request/reply message, version included in the subject: `<owner>.<noun>.<verb>.v<N>`. */
export interface RequestContract<Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly subject: string;
  /** Services whose NATS identity may publish the subject; all others are refused by the NATS server. */
  readonly callers: readonly ServiceName[];
  /** How long the caller waits for the answer. */
  readonly timeoutMs: number;
  /**
   * Set on what a person asks for through the REST: the request then has a field `actor` (an identity token made by
   * `asset`), and the owner refuses it unless that person holds one of these roles.
   */
  readonly roles?: readonly Role[];
  /** Served by one replica that the caller names, since it holds the state: the subject gets `.<replicaId>` appended. */
  readonly addressed?: boolean;
  readonly request: Q;
  readonly reply: R;
  /** What the owner may answer besides `request.invalid`, `reply.too-large`, `service.unavailable` and `internal`. */
  readonly errors: readonly ErrorCode[];
}

export type RequestOf<C> = C extends RequestContract<infer Q> ? z.infer<Q> : never;
export type ReplyOf<C> = C extends RequestContract<z.ZodType, infer R> ? z.infer<R> : never;

export function defineRequest<Q extends z.ZodType, R extends z.ZodType>(
  contract: RequestContract<Q, R>,
): RequestContract<Q, R> {
  return contract;
}

/** `enforced`: the act waits for the stream's acknowledgement. `best-effort`: a loss is counted and alarmed. */
export type Guarantee = 'enforced' | 'best-effort';

/** One kind of audit event; `data` is the CloudEvent's data. */
export interface EventContract<D extends z.ZodObject = z.ZodObject> {
  /** `<noun>.<past-verb>` */
  readonly name: string;
  /** CloudEvents `type`: `io.sallyport.<name>.v1` */
  readonly type: string;
  /** NATS subject: `audit.<name>` */
  readonly subject: string;
  /** Services that may publish it. */
  readonly sources: readonly ServiceName[];
  readonly guarantee: Guarantee;
  readonly description: string;
  readonly data: D;
}

export function defineEvent<D extends z.ZodObject>(event: {
  name: string;
  sources: readonly ServiceName[];
  guarantee: Guarantee;
  description: string;
  data: D;
}): EventContract<D> {
  return { ...event, type: `io.sallyport.${event.name}.v1`, subject: `audit.${event.name}` };
}

export type EventData<E> = E extends EventContract<infer D> ? z.infer<D> : never;
