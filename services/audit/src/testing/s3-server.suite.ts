import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { refusalOf } from './sigv4.suite.js';

/**
 * How the server fails: not at all, by an error, by silence, by ignoring the range that was asked for, by having no conditional
 * writes.
 */
export type Trouble = 'none' | 'error' | 'silence' | 'whole' | 'unconditional';

const smallestPartBytes = 5 * 1024 * 1024;

/**
 * The part of S3 that a store of recordings and a witness use, from memory, with every signature and payload hash checked. A server of our own,
 * because those on npm are unmaintained (s3rver) or want Node 24 (its fork), and Debian has none but Ceph.
 */
export async function startS3() {
  const keys = {
    id: randomBytes(10).toString('hex'),
    secret: randomBytes(20).toString('base64'),
    region: 'cn-hangzhou',
  };
  const bucket = 'recordings';
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const refused: string[] = [];
  let trouble: Trouble = 'none';
  let calls = 0;

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    calls += 1;
    if (trouble === 'silence') return;
    if (trouble === 'error') {
      fail(response, 503, 'SlowDown');
      return;
    }
    const { method = '', url = '', headers } = request;
    const code = refusalOf({ method, target: url, headers }, body, keys);
    if (code !== undefined) {
      refused.push(code);
      fail(response, 403, code);
      return;
    }
    const { pathname, searchParams } = new URL(url, 'http://s3');
    const [, place, ...name] = decodeURIComponent(pathname).split('/');
    if (place !== bucket) fail(response, 404, 'NoSuchBucket');
    else if (method === 'GET') get(response, name.join('/'), headers.range ?? '');
    else if (searchParams.has('uploads') || searchParams.has('uploadId'))
      multipart(response, method, name.join('/'), searchParams, body);
    else put(response, name.join('/'), body, headers['if-none-match'] === '*');
  }

  function put(response: ServerResponse, name: string, body: Buffer, ifAbsent: boolean): void {
    if (ifAbsent && trouble === 'unconditional') fail(response, 501, 'NotImplemented');
    else if (ifAbsent && objects.has(name)) {
      refused.push('PreconditionFailed');
      fail(response, 412, 'PreconditionFailed');
    } else {
      objects.set(name, body);
      response.setHeader('etag', etag(body)).end();
    }
  }

  function get(response: ServerResponse, name: string, range: string): void {
    const bytes = objects.get(name);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (!bytes) fail(response, 404, 'NoSuchKey');
    else if (trouble === 'whole') response.end(bytes);
    else if (Number(from) >= bytes.length) fail(response, 416, 'InvalidRange');
    else {
      const end = Math.min(Number(to) + 1, bytes.length);
      response.setHeader('content-range', `bytes ${from}-${end - 1}/${bytes.length}`);
      response.writeHead(206).end(bytes.subarray(Number(from), end));
    }
  }

  function multipart(
    response: ServerResponse,
    method: string,
    name: string,
    query: URLSearchParams,
    body: Buffer,
  ): void {
    const id = query.get('uploadId') ?? '';
    const parts = uploads.get(id);
    if (query.has('uploads')) {
      const started = randomUUID();
      uploads.set(started, new Map());
      xml(response, `<InitiateMultipartUploadResult><UploadId>${started}</UploadId></InitiateMultipartUploadResult>`);
    } else if (!parts) fail(response, 404, 'NoSuchUpload');
    else if (method === 'PUT') {
      parts.set(Number(query.get('partNumber')), body);
      response.setHeader('etag', etag(body)).end();
    } else if (method === 'DELETE') {
      uploads.delete(id);
      response.writeHead(204).end();
    } else complete(response, name, id, parts, body.toString());
  }

  function complete(
    response: ServerResponse,
    name: string,
    id: string,
    parts: Map<number, Buffer>,
    asked: string,
  ): void {
    const numbers = [...asked.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number));
    const bytes = numbers.map((number) => parts.get(number) ?? Buffer.alloc(0));
    if (!bytes.every((part) => asked.includes(etag(part).replaceAll('"', '')))) fail(response, 400, 'InvalidPart');
    else if (bytes.slice(0, -1).some((part) => part.length < smallestPartBytes)) fail(response, 400, 'EntityTooSmall');
    else {
      objects.set(name, Buffer.concat(bytes));
      uploads.delete(id);
      xml(response, `<CompleteMultipartUploadResult><Key>${name}</Key></CompleteMultipartUploadResult>`);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    objects,
    uploads,
    /** Codes of what it did not let in. */
    refused,
    calls: () => calls,
    place: { bucket, endpoint, region: keys.region, pathStyle: true },
    keys,
    /** As the service is told. */
    environment: {
      AUDIT_RECORDING_BUCKET: bucket,
      AUDIT_RECORDING_S3_ENDPOINT: endpoint,
      AUDIT_RECORDING_S3_REGION: keys.region,
      AUDIT_RECORDING_S3_PATH_STYLE: 'true',
      AUDIT_RECORDING_S3_ACCESS_KEY_ID: keys.id,
      AUDIT_RECORDING_S3_SECRET_ACCESS_KEY: keys.secret,
    },
    /** For a witness. */
    witnessEnvironment: {
      AUDIT_WITNESS_BUCKET: bucket,
      AUDIT_WITNESS_S3_ENDPOINT: endpoint,
      AUDIT_WITNESS_S3_REGION: keys.region,
      AUDIT_WITNESS_S3_PATH_STYLE: 'true',
      AUDIT_WITNESS_S3_ACCESS_KEY_ID: keys.id,
      AUDIT_WITNESS_S3_SECRET_ACCESS_KEY: keys.secret,
    },
    meet: (next: Trouble): void => {
      trouble = next;
      server.closeAllConnections();
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const etag = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
const xml = (response: ServerResponse, text: string): void => {
  response.setHeader('content-type', 'application/xml').end(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
};
function fail(response: ServerResponse, status: number, code: string): void {
  response.statusCode = status;
  xml(response, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
