import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, tempDir } from '@sallyport/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The state folder of the Sallyport under test. */
    home: string;
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startTimeoutMs = 5 * 60_000;

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
  const child = spawn(process.execPath, [join(root, 'tools/start.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      SALLYPORT_HOME: home,
      SALLYPORT_SSH_PORT: String(await freePort()),
      SALLYPORT_HTTP_PORT: String(await freePort()),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilReady(child);
  project.provide('home', home);
  return async () => {
    child.kill('SIGTERM');
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    collector.close();
    if (code !== 0) throw new Error(`npm start ended with ${code ?? 'a signal'}; its logs are in ${home}/logs`);
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      reject(new Error(`${why}; npm start said:\n${said.join('\n')}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      fail('Sallyport was not ready in time');
    }, startTimeoutMs);
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface(stream).on('line', (line) => {
          said.push(line);
          if (line !== 'sallyport is ready') return;
          clearTimeout(timer);
          resolve();
        });
    child.once('exit', () => {
      clearTimeout(timer);
      fail('Sallyport ended');
    });
  });
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
