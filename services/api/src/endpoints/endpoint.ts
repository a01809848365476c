import type { RequestContract, RequestOf, Role, RouteContract, UserId } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import type { z } from 'zod';
import { parseRequest, type Input, type RawInput } from '../http/parse-request.js';

/** Somebody who sent a request. */
export interface Visitor {
  readonly clientAddress: string;
}

/** Somebody whose bearer token asset knows. */
export interface Caller extends Visitor {
  /** Asset's word on who this is, for the services that decide. Good for a minute. */
  readonly identity: string;
  readonly tokenHash: string;
  readonly userId: UserId;
  readonly username: string;
  readonly roles: readonly Role[];
}

/** What an endpoint answers. */
export interface RawRequest extends RawInput {
  /** `Last-Event-ID`: where a stream of server-sent events was cut (HTML, section 9.2). */
  readonly lastEventId?: string | undefined;
  /** Who asks, as asset says now: for an answer that takes longer than an identity is good for. */
  readonly renew: () => Promise<Caller>;
}

/** Somebody who is answered with a stream. */
export interface Viewer {
  readonly username: string;
  readonly lastEventId: string | undefined;
  /**
   * Asset's word on who this is, never older than half a minute: whoever loses his token loses the stream.
   * @throws DomainError `access.unauthenticated`
   */
  readonly identity: () => Promise<string>;
}

const freshMs = 30_000;

function identities({ renew }: RawRequest, caller: Caller): Viewer['identity'] {
  let known = { identity: caller.identity, at: Date.now() };
  return async () => {
    if (Date.now() - known.at > freshMs) known = { identity: (await renew()).identity, at: Date.now() };
    return known.identity;
  };
}

/** A route and what answers it. `answer` throws InvalidRequest, or what the owner of the rule throws. */
export type Endpoint =
  | { readonly route: RouteContract; readonly open: true; answer(raw: RawRequest, who: Visitor): Promise<unknown> }
  | { readonly route: RouteContract; readonly open: false; answer(raw: RawRequest, who: Caller): Promise<unknown> };

/** An endpoint for those who have a token. */
export function endpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, R extends z.ZodType>(
  route: RouteContract<P, Q, B, R>,
  handle: (input: Input<P, Q, B>, caller: Caller) => Promise<z.output<R>>,
): Endpoint {
  return { route, open: false, answer: async (raw, caller) => handle(parseRequest(route, raw), caller) };
}

/**
 * An endpoint whose good answer is a stream. What `handle` throws is answered as a problem; what the stream throws cuts the
 * answer off, since its beginning is on its way.
 */
export function streamEndpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>(
  route: RouteContract<P, Q, B>,
  handle: (input: Input<P, Q, B>, viewer: Viewer) => Promise<AsyncIterable<string>>,
): Endpoint {
  return {
    route,
    open: false,
    answer: async (raw, caller) =>
      handle(parseRequest(route, raw), {
        username: caller.username,
        lastEventId: raw.lastEventId,
        identity: identities(raw, caller),
      }),
  };
}

/** An endpoint for everybody. */
export function openEndpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, R extends z.ZodType>(
  route: RouteContract<P, Q, B, R>,
  handle: (input: Input<P, Q, B>, visitor: Visitor) => Promise<z.output<R>>,
): Endpoint {
  return { route, open: true, answer: async (raw, visitor) => handle(parseRequest(route, raw), visitor) };
}

/** What a route gives to the request that answers it: its parts as one object, and who asks. */
type Forwarded<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject> = z.output<P> &
  z.output<Q> &
  z.output<B> & { actor: string };
/** `C`, when it takes what a route gives; otherwise nothing fits. */
type Fits<Given, C extends RequestContract> = Given extends z.input<C['request']> & z.output<C['request']> ? C : never;

/** An endpoint that hands the request on to the service that owns the rules, in the name of the caller. */
export function forward<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodObject,
  Rq extends z.ZodType,
  Rp extends z.ZodType,
>(
  bus: Bus,
  route: RouteContract<P, Q, B, Rp>,
  contract: RequestContract<Rq, Rp> & Fits<Forwarded<P, Q, B>, RequestContract<Rq, Rp>>,
): Endpoint {
  return endpoint(route, ({ params, query, body }, caller) => {
    const request = { actor: caller.identity, ...params, ...query, ...body };
    // `Fits` has checked it for each pair of route and contract; in here the compiler knows neither.
    return bus.request<RequestContract<Rq, Rp>>(contract, request as z.input<Rq> & RequestOf<RequestContract<Rq, Rp>>);
  });
}
