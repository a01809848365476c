import { createHash, createHmac } from 'node:crypto';

/** What AWS Signature Version 4 signs of a request, as S3 has it: the path is taken as it was sent. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const algorithm = 'AWS4-HMAC-SHA256';
export const sha256Hex = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** @returns the signature that a request must have, from the parts of its `Authorization` */
export function signatureOf(request: SignedRequest, secretKey: string, scope: string, signedHeaders: string): string {
  const [path = '', query = ''] = request.target.split('?');
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const header = (name: string) =>
    String(request.headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ');
  const canonical = [
    request.method,
    path,
    pairs.sort().join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${header(name)}`),
    '',
    signedHeaders,
    header('x-amz-content-sha256'),
  ].join('\n');
  const toSign = [algorithm, header('x-amz-date'), scope, sha256Hex(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secretKey}`);
  return hmac(key, toSign).toString('hex');
}

/** What of a request is wrong, in S3's words; undefined where nothing is. */
export function refusalOf(
  request: SignedRequest,
  body: Buffer,
  keys: { readonly id: string; readonly secret: string; readonly region: string },
): string | undefined {
  const authorization = String(request.headers['authorization'] ?? '');
  const parts = new RegExp(`^${algorithm} Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\\w+)$`);
  const [, id, scope = '', signedHeaders = '', signature] = parts.exec(authorization) ?? [];
  const date = String(request.headers['x-amz-date']);
  if (id !== keys.id) return 'InvalidAccessKeyId';
  if (scope !== `${date.slice(0, 8)}/${keys.region}/s3/aws4_request`) return 'AuthorizationHeaderMalformed';
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => signedHeaders.split(';').includes(name)))
    return 'AccessDenied';
  if (signature !== signatureOf(request, keys.secret, scope, signedHeaders)) return 'SignatureDoesNotMatch';
  // Not `UNSIGNED-PAYLOAD` and not `STREAMING-…`: the bytes are signed.
  if (request.headers['x-amz-content-sha256'] !== sha256Hex(body)) return 'XAmzContentSHA256Mismatch';
  return undefined;
}
