import type { RouteContract } from '@sallyport/contracts';
import type { FastifyInstance } from 'fastify';
import { refuseOtherMethods } from '../http/register-endpoints.js';
import { openApi } from './openapi.js';
import { docsPage, pageSecurityPolicy } from './page.js';

/** Of the REST as a whole; goes up with what it can do. */
const version = '0.1.0';

/** The description of the REST, for programs and for people. For everybody: it says nothing about this installation. */
export function registerDocs(server: FastifyInstance, routes: readonly RouteContract[]): void {
  const api = openApi(routes, version);
  const page = docsPage(api);
  server.get('/v1/openapi.json', () => api);
  server.get('/docs', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', pageSecurityPolicy).send(page),
  );
  // Who types the address alone looks for something to read.
  server.get('/', (_request, reply) => reply.redirect('/docs'));
  refuseOtherMethods(server, [
    { method: 'GET', path: '/' },
    { method: 'GET', path: '/v1/openapi.json' },
    { method: 'GET', path: '/docs' },
  ]);
}
