import { runChecks, type Check } from '@sallyport/telemetry';
import type { FastifyInstance } from 'fastify';
import { refuseOtherMethods } from './register-endpoints.js';

/** For the balancer in front: `/healthz` while the process lives, `/readyz` 200 or 503 as the checks say. */
export function registerHealth(server: FastifyInstance, checks: Readonly<Record<string, Check>>): void {
  server.get('/healthz', () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const readiness = await runChecks(checks);
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  refuseOtherMethods(server, [
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: '/readyz' },
  ]);
}
