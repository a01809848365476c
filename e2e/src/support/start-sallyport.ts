import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeExit, freePort, ServerProcess, tempDir, waitFor } from '@sallyport/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The state folder of the Sallyport under test. */
    home: string;
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startTimeoutMs = 10 * 60_000;
const stopGraceMs = 120_000;

/**
 * `npm start`, as a newcomer would, with a state folder and ports of its own; and a collector for its traces. While you
 * write a story, SALLYPORT_E2E_HOME names the state folder of one that runs already, to be used instead.
 */
export default async function startSallyport(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env['SALLYPORT_E2E_HOME'];
  if (running) {
    project.provide('home', running);
    return undefined;
  }
  const home = tempDir(0o755); // PostgreSQL's own account has to reach its data
  mkdirSync(join(home, 'traces'), { recursive: true });
  const collector = await collectTraces(join(home, 'traces', 'spans.ndjson'));
  // Ends with the test run, even where that is killed.
  const start = new ServerProcess(process.execPath, [join(root, 'tools/start.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      SALLYPORT_HOME: home,
      SALLYPORT_SSH_PORT: String(await freePort()),
      SALLYPORT_HTTP_PORT: String(await freePort()),
      ASSET_WATCH_SECONDS: '2',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    },
  });
  await untilReady(start);
  project.provide('home', home);
  return async () => {
    const exit = await start.stop({ graceMs: stopGraceMs });
    collector.close();
    if (exit.code !== 0) throw new Error(`npm start ended with ${describeExit(exit)}: ${start.tail()}`);
  };
}

async function untilReady(start: ServerProcess): Promise<void> {
  try {
    const isReady = () => !start.running || start.lines.includes('sallyport is ready');
    await waitFor(isReady, { what: 'Sallyport to be ready', timeoutMs: startTimeoutMs, everyMs: 200 });
    if (!start.running) throw new Error('Sallyport ended');
  } catch (cause) {
    await start.stop({ graceMs: stopGraceMs });
    throw new Error(`npm start said:\n${start.tail(50)}`, { cause });
  }
}

/** An OTLP receiver (HTTP, JSON or not): keeps each request's body as a line, for tests to read. */
async function collectTraces(file: string): Promise<Server> {
  const lines = createWriteStream(file);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      lines.write(`${Buffer.concat(chunks).toString()}\n`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What the file of the state folder says. */
export const readState = (home: string, ...path: string[]): string => readFileSync(join(home, ...path), 'utf8').trim();
