import type { RouteContract } from '@sallyport/contracts';
import type { z } from 'zod';
import { InvalidRequest, type FieldError } from './request-error.js';

/** The three parts of a request, as HTTP gave them. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  /** Undefined when none was sent. */
  readonly body: unknown;
}

/** What a route's schemas let through. */
export interface Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/** A name that a client made up is shown back up to this length. */
const shownNameLength = 64;
/** More wrong fields than this are not told of. */
const shownErrors = 20;

/** @throws InvalidRequest with all that is wrong in all three parts */
export function parseRequest<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>(
  route: RouteContract<P, Q, B>,
  raw: RawInput,
): Input<P, Q, B> {
  const params = route.params.safeParse(raw.params);
  const query = route.query.safeParse(raw.query);
  const body = route.body.safeParse(raw.body ?? {});
  if (params.success && query.success && body.success)
    return { params: params.data, query: query.data, body: body.data };
  const fields = [
    ...fieldErrors('path', raw.params, params.error),
    ...fieldErrors('query', raw.query, query.error),
    ...fieldErrors('body', raw.body ?? {}, body.error),
  ];
  throw new InvalidRequest(fields.slice(0, shownErrors));
}

function fieldErrors(where: FieldError['in'], raw: unknown, error: z.ZodError | undefined): FieldError[] {
  return (error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ in: where, pointer: pointer([...issue.path, key]), detail: 'not a known field' }))
      : [{ in: where, pointer: pointer(issue.path), detail: detailOf(issue, raw) }],
  );
}

/** Of what is not there zod says "expected string, received undefined". */
function detailOf({ code, path, message }: z.core.$ZodIssue, raw: unknown): string {
  const aboutTheValue = code === 'invalid_type' || code === 'invalid_value';
  if (!aboutTheValue || valueAt(raw, path) !== undefined) return message;
  return code === 'invalid_type' ? 'is missing' : `is missing: ${message}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    raw,
  );
}

/** A JSON pointer as a URI fragment, RFC 6901 section 6. */
function pointer(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => {
    const name = Buffer.from(String(part).slice(0, shownNameLength)).toString(); // half a surrogate pair does not encode
    return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
  });
  return ['#', ...parts].join('/');
}
