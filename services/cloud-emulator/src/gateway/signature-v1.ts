import { createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.js';
import type { ApiErrorCode } from './api-error.js';
import { canonicalQuery, percentEncode } from './percent-encoding.js';
import type { SignedCall } from './signed-call.js';

const commonNames = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'SignatureNonce',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureType',
  'AccessKeyId',
  'SecurityToken',
  'Signature',
]);

/**
 * The call in a request signed by RPC V1 (HMAC-SHA1), reference section 1.5.
 * @param all every parameter, of the query and of the form body together
 * @throws ApiError `Missing…` when a common parameter is absent, `IncompleteSignature` for another method
 */
export function readV1Call(method: string, all: ReadonlyMap<string, string>): SignedCall {
  const accessKeyId = required(all, 'AccessKeyId', 'MissingAccessKeyId');
  const signature = required(all, 'Signature', 'MissingSignature');
  const timestamp = required(all, 'Timestamp', 'MissingTimestamp');
  const nonce = required(all, 'SignatureNonce', 'MissingSignatureNonce');
  if (all.get('SignatureMethod') !== 'HMAC-SHA1' || all.get('SignatureVersion') !== '1.0') {
    throw new ApiError('IncompleteSignature', 'SignatureMethod has to be HMAC-SHA1 and SignatureVersion 1.0.');
  }
  const stringToSign = v1StringToSign(method, all);
  return {
    algorithm: 'HMAC-SHA1',
    accessKeyId,
    securityToken: all.get('SecurityToken'),
    timestamp,
    nonce,
    stringToSign,
    parameters: new Map([...all].filter(([name]) => !commonNames.has(name))),
    verify: (accessKeySecret) => {
      const expected = v1Mac(stringToSign, accessKeySecret);
      const given = Buffer.from(signature, 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}

/** METHOD `&` `%2F` `&` enc(canonical query of everything but `Signature`). */
export function v1StringToSign(method: string, all: ReadonlyMap<string, string>): string {
  const signed = new Map(all);
  signed.delete('Signature');
  return `${method}&${percentEncode('/')}&${percentEncode(canonicalQuery(signed))}`;
}

/** HMAC-SHA1 keyed with the access key secret and an `&`. */
export function v1Mac(stringToSign: string, accessKeySecret: string): Buffer {
  return createHmac('sha1', `${accessKeySecret}&`).update(stringToSign).digest();
}

function required(all: ReadonlyMap<string, string>, name: string, code: ApiErrorCode): string {
  const value = all.get(name);
  if (!value) {
    const situation = code === 'MissingSignature' ? { situation: 'missing-signature' as const } : {};
    throw new ApiError(code, `${name} is mandatory for this action.`, situation);
  }
  return value;
}
