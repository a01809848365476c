import { z } from 'zod';
import type { RequestContract } from '../define.js';
import type { ErrorCode } from '../errors.js';
import type { Role } from '../values.js';

/** A part of a request that must be empty. */
export const Nothing = z.strictObject({});
export type Nothing = typeof Nothing;

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** One call of the REST: what goes in, what comes out, and who may ask. */
export interface RouteContract<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodObject = z.ZodObject,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: HttpMethod;
  /** With parameters in braces, as OpenAPI writes it: `/v1/hosts/{hostId}`. */
  readonly path: `/v1/${string}`;
  /** One sentence for a reader of the documentation. */
  readonly summary: string;
  /** `public`: without a token; `any`: with a token, whatever its roles; else one of these roles is needed. */
  readonly roles: readonly Role[] | 'public' | 'any';
  /** Values of the path's parameters, already URL-decoded. */
  readonly params: P;
  /** Query parameters; each at most once, so every value is text. */
  readonly query: Q;
  readonly body: B;
  readonly reply: R;
  /** Set where the good answer is no JSON but a stream of this media type; `reply` then says nothing. */
  readonly stream?: 'application/x-ndjson' | 'application/x-asciicast' | 'text/event-stream' | 'text/plain';
  /** Of the good answer. 204 has no body, whatever `reply` says. */
  readonly status: 200 | 201 | 202 | 204;
  /** What may be answered besides `request.invalid`, `access.unauthenticated`, `access.forbidden`, `internal` and the like. */
  readonly errors: readonly ErrorCode[];
}

type Given<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, R extends z.ZodType> = Omit<
  RouteContract<P, Q, B, R>,
  'params' | 'query' | 'body'
> & { readonly params?: P; readonly query?: Q; readonly body?: B };

/** A part that is left out must be empty. */
export function defineRoute<
  R extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodObject = Nothing,
>(route: Given<P, Q, B, R>): RouteContract<P, Q, B, R> {
  // A part that is left out has no type but its default, Nothing: the compiler cannot see that.
  const nothing = Nothing as z.ZodObject;
  return { params: nothing as P, query: nothing as Q, body: nothing as B, ...route };
}

/** What a route has in common with the one request that answers it. */
export function answeredBy<Q extends z.ZodType, R extends z.ZodType>(
  contract: RequestContract<Q, R>,
): Pick<RouteContract<Nothing, Nothing, Nothing, R>, 'roles' | 'reply' | 'errors'> {
  return { roles: contract.roles ?? 'any', reply: contract.reply, errors: contract.errors };
}
