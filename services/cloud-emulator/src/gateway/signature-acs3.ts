import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.js';
import type { ApiErrorCode } from './api-error.js';
import { canonicalQuery } from './percent-encoding.js';
import type { RawRequest, SignedCall } from './signed-call.js';

const algorithm = 'ACS3-HMAC-SHA256';
const authorizationForm =
  /^ACS3-HMAC-SHA256 +Credential=([^,\s]{1,128}) *, *SignedHeaders=([a-z0-9;-]{1,2048}) *, *Signature=([0-9a-f]{64})$/;

/**
 * The call in a request signed by ACS3-HMAC-SHA256, reference section 1.6.
 * @param query parameters of the query string alone: those of a form body are signed by the hash of the body
 * @param parameters the operation's parameters, from both
 * @throws ApiError `IncompleteSignature` for an Authorization header of another form, `Missing…` for absent headers
 */
export function readAcs3Call(
  request: RawRequest,
  query: ReadonlyMap<string, string>,
  parameters: ReadonlyMap<string, string>,
): SignedCall {
  const parts = authorizationForm.exec(request.headers.get('authorization') ?? '');
  const [, accessKeyId, signedHeaders, signature] = parts ?? [];
  if (!accessKeyId || !signedHeaders || !signature) {
    throw new ApiError('IncompleteSignature', `The Authorization header is not of the form of ${algorithm}.`);
  }
  const timestamp = required(request, 'x-acs-date', 'MissingTimestamp');
  const nonce = required(request, 'x-acs-signature-nonce', 'MissingSignatureNonce');
  const hashedPayload = sha256(request.body);
  const canonical = canonicalRequest(request, query, signedHeaders, hashedPayload);
  const stringToSign = `${algorithm}\n${sha256(canonical)}`;
  const honest =
    coversAllHeaders(request, signedHeaders) && request.headers.get('x-acs-content-sha256') === hashedPayload;
  return {
    algorithm,
    accessKeyId,
    securityToken: request.headers.get('x-acs-security-token'),
    timestamp,
    nonce,
    stringToSign,
    parameters,
    verify: (accessKeySecret) => {
      const expected = createHmac('sha256', accessKeySecret).update(stringToSign).digest();
      return timingSafeEqual(expected, Buffer.from(signature, 'hex')) && honest;
    },
  };
}

/**
 * METHOD, path, canonical query, each signed header as `name:value\n`, the list of their names, hash of the body.
 * @param hashedPayload hex SHA-256 of the body as received; the header that claims to be it is not asked
 */
export function canonicalRequest(
  request: RawRequest,
  query: ReadonlyMap<string, string>,
  signedHeaders: string,
  hashedPayload: string,
): string {
  const headers = signedHeaders.split(';').map((name) => `${name}:${(request.headers.get(name) ?? '').trim()}\n`);
  return [request.method, request.path, canonicalQuery(query), headers.join(''), signedHeaders, hashedPayload].join(
    '\n',
  );
}

/** Every `x-acs-*` header, `host`, and `content-type` when there is one, have to be signed. */
function coversAllHeaders(request: RawRequest, signedHeaders: string): boolean {
  const signed = new Set(signedHeaders.split(';'));
  const mustBeSigned = [...request.headers.keys()].filter(
    (name) => name.startsWith('x-acs-') || name === 'host' || name === 'content-type',
  );
  return signed.has('host') && mustBeSigned.every((name) => signed.has(name));
}

function required(request: RawRequest, name: string, code: ApiErrorCode): string {
  const value = request.headers.get(name);
  if (!value) throw new ApiError(code, `The header ${name} is mandatory for this action.`);
  return value;
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
