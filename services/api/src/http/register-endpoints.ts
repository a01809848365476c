import { httpMethods, type HttpMethod, type RouteContract } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, Endpoint, RawRequest, Visitor } from '../endpoints/endpoint.js';
import { HttpError, InvalidRequest } from './request-error.js';
import { inSpanOf } from './request-span.js';
import { sendStream } from './send-stream.js';

/** Says who stands behind the `Authorization` header, or throws. */
export type Authenticate = (authorization: string | undefined, visitor: Visitor) => Promise<Caller>;

/** Puts every endpoint on the server, and 405 on the other methods of its path. */
export function registerEndpoints(
  server: FastifyInstance,
  endpoints: readonly Endpoint[],
  authenticate: Authenticate,
): void {
  for (const endpoint of endpoints) {
    const { method, path } = endpoint.route;
    const callers = new WeakMap<FastifyRequest, Caller>();
    server.route({
      method,
      url: fastifyPath(path),
      // Before the body is read: whoever has no token cannot make us parse anything but a sign-in.
      onRequest: async (request) => {
        if (endpoint.open) return;
        const { authorization } = request.headers;
        callers.set(request, await inSpanOf(request, () => authenticate(authorization, visitorOf(request))));
      },
      handler: (request, reply) => {
        const renew = () => authenticate(request.headers.authorization, visitorOf(request));
        return inSpanOf(request, () => answer(endpoint, callers.get(request), request, reply, renew));
      },
    });
  }
  refuseOtherMethods(
    server,
    endpoints.map(({ route }) => route),
  );
}

async function answer(
  endpoint: Endpoint,
  caller: Caller | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  renew: () => Promise<Caller>,
): Promise<unknown> {
  const result = await run(endpoint, caller, request, renew);
  const { status, stream } = endpoint.route;
  if (stream) return sendStream(stream, result as AsyncIterable<string>, request, reply);
  return reply.code(status).send(status === 204 ? undefined : result);
}

async function run(
  endpoint: Endpoint,
  caller: Caller | undefined,
  request: FastifyRequest,
  renew: () => Promise<Caller>,
): Promise<unknown> {
  const lastEventId = request.headers['last-event-id'];
  const raw: RawRequest = {
    params: request.params,
    query: request.query,
    body: request.body,
    renew,
    ...(typeof lastEventId === 'string' ? { lastEventId } : {}),
  };
  if (endpoint.open) return endpoint.answer(raw, visitorOf(request));
  if (!caller) throw new DomainError('access.unauthenticated', 'a bearer token is needed');
  try {
    return await endpoint.answer(raw, caller);
  } catch (error) {
    // The owner of a request refuses a wrong role, and records it. What is too malformed to be handed on must not look
    // like permission with a mistake in it.
    if (error instanceof InvalidRequest && !permitted(endpoint.route, caller))
      throw new DomainError('access.forbidden', 'none of your roles permits this', { cause: error });
    throw error;
  }
}

function permitted({ roles }: RouteContract, caller: Caller): boolean {
  return typeof roles === 'string' || roles.some((role) => caller.roles.includes(role));
}

/** RFC 9110 section 15.5.6: 405 names the methods that there are. GET brings HEAD along. */
export function refuseOtherMethods(
  server: FastifyInstance,
  routes: readonly { method: HttpMethod; path: string }[],
): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method);
    const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
    const refuse = () =>
      Promise.reject(new HttpError(405, 'request.invalid', `this path has ${allow} only`, { allow }));
    server.route({
      method: httpMethods.filter((method) => !allowed.includes(method)),
      url: fastifyPath(path),
      onRequest: refuse,
      handler: refuse,
    });
  }
}

/** IPv4 in IPv6's clothes (RFC 4291 section 2.5.5.2) is shown as IPv4, so that one address is one address everywhere. */
function visitorOf(request: FastifyRequest): Visitor {
  return { clientAddress: request.ip.replace(/^::ffff:(?=\d+\.)/i, '') };
}

/** `{name}` of OpenAPI is `:name` of Fastify. */
const fastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');
