import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { xmlText } from './xml.js';
import type { RawRequest } from './signed-call.js';
import type { Answer } from './gateway.js';

/** A CreateSecret with 30 KB of value and 32 KB of policy, every byte percent-encoded, is about 200 KB. */
const maxBodyBytes = 1024 * 1024;
/** Typed calls of the SDK carry all of it in the URL. */
const maxHeaderBytes = 256 * 1024;
/** Longer than the SDKs keep an idle connection, so that they close it first. */
const keepAliveMs = 65_000;

/** Answers a request that was read whole. */
export type Handler = (request: RawRequest) => Promise<Answer>;

/**
 * HTTP server of the emulator, bound to loopback and nothing else.
 * @param port 0 for a free one
 */
export async function listen(port: number, handler: Handler): Promise<{ server: Server; port: number }> {
  const server = createServer({ maxHeaderSize: maxHeaderBytes, requestTimeout: 30_000, headersTimeout: 10_000 });
  server.keepAliveTimeout = keepAliveMs;
  server.on('request', (request, response) => {
    void serve(request, response, handler);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  try {
    const body = await readBody(request);
    if (!body) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    send(response, await handler(rawRequest(request, body)));
  } catch {
    response.destroy(); // the caller went away in the middle
  }
}

/** Undefined when it is longer than allowed. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rawRequest(request: IncomingMessage, body: Buffer): RawRequest {
  const target = request.url ?? '/';
  const cut = target.indexOf('?');
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')] as const,
  );
  return {
    method: request.method ?? '',
    path: cut < 0 ? target : target.slice(0, cut),
    queryString: cut < 0 ? '' : target.slice(cut + 1),
    headers: new Map(headers),
    body,
    remoteAddress: request.socket.remoteAddress ?? '',
  };
}

function send(response: ServerResponse, { status, body, xmlRoot, spoil }: Answer): void {
  const text = Buffer.from(xmlRoot === undefined ? JSON.stringify(body) : xmlText(xmlRoot, body));
  if (spoil === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const payload = spoil === 'not-json' ? Buffer.from('<html>Bad Gateway</html>') : text;
  response.writeHead(status, {
    'content-type': xmlRoot === undefined ? 'application/json;charset=utf-8' : 'text/xml;charset=utf-8',
    'content-length': payload.length,
    'cache-control': 'no-store',
  });
  if (spoil === 'truncated') {
    response.write(payload.subarray(0, payload.length >> 1), () => response.socket?.destroy());
    return;
  }
  response.end(payload);
}
