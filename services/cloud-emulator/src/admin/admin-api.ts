import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Answer } from '../gateway/gateway.js';
import type { RawRequest } from '../gateway/signed-call.js';
import { log } from '../log.js';
import { adminRoutes } from './admin-routes.js';
import { AdminError } from './admin-error.js';
import type { AdminParts } from './admin-parts.js';

const prefix = '/__emulator/';

/**
 * The calls that the cloud does not have, for seeding and tests. They hand out credentials and set commands to run, so
 * pages in a browser are kept out: no request with an `Origin`, and none to a host name that is not loopback's own.
 */
export class AdminApi {
  constructor(private readonly parts: AdminParts) {}

  owns({ path }: RawRequest): boolean {
    return path.startsWith(prefix);
  }

  /** Never throws. */
  async answer(request: RawRequest): Promise<Answer> {
    try {
      this.#admit(request);
      const segments = request.path.slice(prefix.length).split('/').map(decodeURIComponent);
      const found = adminRoutes.flatMap((route) => {
        const values = match(route.pattern, segments);
        return values ? [{ route, values }] : [];
      });
      const chosen = found.find(({ route }) => route.method === request.method);
      if (!chosen) throw new AdminError(found.length > 0 ? 405 : 404, 'no such admin call');
      const body = request.body.length > 0 ? (JSON.parse(request.body.toString('utf8')) as unknown) : undefined;
      return { status: 200, body: await chosen.route.run(this.parts, chosen.values, body) };
    } catch (error) {
      if (error instanceof AdminError) return { status: error.status, body: { error: error.message } };
      if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
      if (error instanceof SyntaxError || error instanceof URIError)
        return { status: 400, body: { error: 'not JSON' } };
      log('admin.failed', { reason: error instanceof Error ? error.name : 'unknown' });
      return { status: 500, body: { error: 'internal' } };
    }
  }

  #admit({ headers }: RawRequest): void {
    const host = (headers.get('host') ?? '').replace(/:\d+$/, '');
    if (headers.has('origin') || !['127.0.0.1', 'localhost', '[::1]'].includes(host)) {
      throw new AdminError(403, 'not from a browser');
    }
    const { token } = this.parts;
    if (token && !equalTexts(headers.get('authorization') ?? '', `Bearer ${token.expose()}`)) {
      throw new AdminError(401, 'the admin token is missing or wrong');
    }
  }
}

/** Values of the `:name` segments, or undefined when the path is another one. */
function match(pattern: string, segments: readonly string[]): Record<string, string> | undefined {
  const parts = pattern.split('/');
  if (parts.length !== segments.length) return undefined;
  if (!parts.every((part, index) => part.startsWith(':') || part === segments[index])) return undefined;
  const values = parts.map((part, index) => [part.slice(1), segments[index] ?? ''] as const);
  return Object.fromEntries(values.filter((_, index) => parts[index]?.startsWith(':')));
}

function equalTexts(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
