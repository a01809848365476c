import { expect, it } from 'vitest';
import { startHealth } from './health.js';

it('says alive, ready or not ready with the reason, and gives metrics', async () => {
  let connected = false;
  const health = await startHealth({
    port: 0,
    checks: {
      nats: () => ({ ok: connected, ...(connected ? {} : { detail: 'not connected' }) }),
      other: () => Promise.reject(new Error('secret detail')).finally(() => undefined),
    },
    metrics: (_request, response) => response.end('m 1\n'),
  });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect((await get('/healthz')).status).toBe(200);
  const unready = await get('/readyz');
  expect(unready.status).toBe(503);
  expect(unready.text).toContain('not connected');
  expect(unready.text).not.toContain('secret detail');
  connected = true;
  expect((await get('/readyz')).text).toContain('"nats":{"ok":true}');
  expect((await get('/metrics')).text).toBe('m 1\n');
  expect((await get('/x')).status).toBe(404);
  health.close();
});
