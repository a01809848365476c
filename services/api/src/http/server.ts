import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DomainError } from '@sallyport/errors';
import type { Logger } from '@sallyport/telemetry';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { headersOf, problemOf } from './problem.js';
import { endSpanOf, inSpanOf, routeOf, traceIdOf } from './request-span.js';

/** The largest body, in bytes. A secret of 30,720 bytes written in `\u00XX` is six times as long. */
const bodyLimit = 256 * 1024;
/** A secret's name has up to 192 characters; each takes three when URL-encoded, and a stranger may send others. */
const maxParamLength = 2_048;
const nothingHere = 'there is nothing at this path: see /docs; the name of a secret is URL-encoded, with %2F for /';
/** To send all of a request; Node cuts the connection of those who are slower. */
const requestTimeoutMs = 15_000;
/** For the whole of an answer: above the longest deadline of a request on the bus. */
const handlerTimeoutMs = 30_000;

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

/** Nest on Fastify, with every error, Nest's own included, answered as a problem (RFC 9457). */
export class ProblemAdapter extends FastifyAdapter {
  /** @param trustedProxies addresses or networks whose `X-Forwarded-For` is believed */
  constructor(log: Logger, trustedProxies: readonly string[]) {
    const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(log, error, request, reply);
    };
    super({
      bodyLimit,
      requestTimeout: requestTimeoutMs,
      handlerTimeout: handlerTimeoutMs,
      trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
      routerOptions: { maxParamLength },
      // What the router refuses before any hook runs: a malformed or too long path.
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
        void reply.headers({ ...securityHeaders, 'x-trace-id': traceIdOf(request) });
        refuse(error, request, reply);
      },
    });
    const server: FastifyInstance = this.getInstance();
    acceptJson(server);
    watch(server, log);
    this.setErrorHandler = () => server.setErrorHandler(refuse);
    this.setNotFoundHandler = () =>
      server.setNotFoundHandler((request, reply) => {
        refuse(new DomainError('resource.not-found', nothingHere), request, reply);
      });
  }
}

/** One span and one line of the log for a request; the trace id goes back with each answer. */
function watch(server: FastifyInstance, log: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ ...securityHeaders, 'x-trace-id': traceIdOf(request) });
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    const line = { method: request.method, route: routeOf(request), status, durationMs: Math.round(elapsedTime) };
    inSpanOf(request, () => {
      log.info(line, 'request');
    });
    endSpanOf(request, status);
    done();
  });
}

function sendProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, traceIdOf(request));
  if (problem.status >= 500)
    inSpanOf(request, () => {
      log.error({ err: error, code: problem.code }, 'request failed');
    });
  void reply
    .code(problem.status)
    .headers(headersOf(error))
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem))); // as bytes: Fastify would add a charset, which the type does not have
}

/** JSON in UTF-8 and nothing else. An empty body is no body, whatever its content type says. */
function acceptJson(server: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : JSON.parse(utf8.decode(body as Buffer), passable));
    } catch {
      // The parser's own words quote the text, which may hold a password.
      done(new DomainError('request.invalid', 'the body is not JSON in UTF-8, or a name in it is __proto__'));
    }
  });
}

/**
 * What would not arrive as it was sent: half a surrogate pair, which UTF-8 does not have (RFC 8259 section 8.2), and `__proto__`,
 * which objects of JavaScript lose.
 */
function passable(name: string, value: unknown): unknown {
  const halfPair = /\p{Surrogate}/u;
  if (name === '__proto__' || halfPair.test(name) || (typeof value === 'string' && halfPair.test(value)))
    throw new SyntaxError('not passable');
  return value;
}
