import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { RawRequest } from './gateway/signed-call.js';

const folder = new URL('./wire-captures/', import.meta.url);

/** One request as it was captured from an SDK. */
export interface Capture {
  readonly name: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly queryString: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  };
  readonly expected: {
    readonly stringToSign: string;
    readonly canonicalRequest?: string;
    readonly hashedPayload?: string;
    readonly signature: string;
  };
}

export function readCaptureFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** Every `v1-*.json` and `acs3-*.json`. */
export const captures: readonly Capture[] = readdirSync(folder)
  .filter((name) => /^(v1|acs3)-.*\.json$/.test(name))
  .sort()
  .map((name) => readCaptureFile(name) as Capture);

export function captureNamed(name: string): Capture {
  const capture = captures.find((one) => one.name === name);
  if (!capture) throw new Error(`no capture ${name}`);
  return capture;
}

export function isV1({ name }: Capture): boolean {
  return name.startsWith('v1-');
}

export function rawRequestOf({ request }: Capture): RawRequest {
  return {
    ...request,
    headers: new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(request.body),
    remoteAddress: '127.0.0.1',
  };
}

/** When the SDK says it sent the request. */
export function timeOf(capture: Capture): Date {
  const raw = rawRequestOf(capture);
  const header = raw.headers.get('x-acs-date');
  const text = header ?? new URLSearchParams(`${raw.queryString}&${raw.body.toString()}`).get('Timestamp');
  if (text === null) throw new Error('a capture without a time');
  return new Date(text);
}

/** Sends a captured request, byte for byte and with its own Host header, and gives the answer. */
export async function replay(
  endpoint: string,
  { request }: Capture,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const [host, port] = endpoint.split(':');
    const query = request.queryString === '' ? '' : `?${request.queryString}`;
    const outgoing = httpRequest(
      {
        host,
        port,
        agent: false,
        method: request.method,
        path: `${request.path}${query}`,
        headers: request.headers.filter(([name]) => !/^connection$/i.test(name)).flat(),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: JSON.parse(text) as Record<string, unknown>,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}
