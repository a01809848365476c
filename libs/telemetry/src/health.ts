import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `true`, or what is wrong in a few words. May add facts that an operator should see although all is well. */
export type Check = () => Promise<CheckResult> | CheckResult;
export interface CheckResult {
  ok: boolean;
  detail?: string;
}

const checkTimeoutMs = 2_000;

/**
 * `/healthz` answers while the process lives, `/readyz` 200 or 503 with the result of each check, `/metrics` in
 * Prometheus' form. On loopback only.
 */
export async function startHealth(options: {
  port: number;
  checks: Readonly<Record<string, Check>>;
  metrics: (request: IncomingMessage, response: ServerResponse) => void;
}): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    void answer(request, response, options);
  });
  server.requestTimeout = 5_000;
  await listening(server, options.port);
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: { checks: Readonly<Record<string, Check>>; metrics: (q: IncomingMessage, r: ServerResponse) => void },
): Promise<void> {
  switch (request.url) {
    case '/healthz':
      json(response, 200, { status: 'alive' });
      return;
    case '/readyz': {
      const readiness = await runChecks(options.checks);
      json(response, readiness.ready ? 200 : 503, readiness);
      return;
    }
    case '/metrics':
      options.metrics(request, response);
      return;
    default:
      json(response, 404, { status: 'not found' });
  }
}

/** All checks side by side, none longer than two seconds. */
export async function runChecks(
  checks: Readonly<Record<string, Check>>,
): Promise<{ ready: boolean; checks: Record<string, CheckResult> }> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  );
  return { ready: results.every(([, result]) => result.ok), checks: Object.fromEntries(results) };
}

async function runCheck(check: Check): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({ ok: false, detail: 'no answer in time' });
    }, checkTimeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch {
    return { ok: false, detail: 'failed' };
  } finally {
    clearTimeout(timer);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Where several processes share a port (`node:cluster`), this one is not among what they share.
    server.once('error', reject).listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
}
