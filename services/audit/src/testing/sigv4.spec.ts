import { describe, expect, it } from 'vitest';
import { refusalOf, sha256Hex, signatureOf } from './sigv4.suite.js';

/** Of AWS' documentation of S3: "Authenticating Requests: Using the Authorization Header", example GET Object. */
const example = {
  method: 'GET',
  target: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': sha256Hex(''),
    'x-amz-date': '20130524T000000Z',
  },
};
const scope = '20130524/us-east-1/s3/aws4_request';
const signedHeaders = 'host;range;x-amz-content-sha256;x-amz-date';
const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
const keys = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
const signed = { ...example, headers: { ...example.headers, authorization } };

describe('the check of signatures that the test server of S3 makes', () => {
  it('has the result that AWS documents', () => {
    expect(signatureOf(example, keys.secret, scope, signedHeaders)).toBe(signature);
    expect(refusalOf(signed, Buffer.alloc(0), keys)).toBeUndefined();
  });

  it.each([
    ['another path', { ...signed, target: '/other.txt' }, '', 'SignatureDoesNotMatch'],
    ['another range', { ...signed, headers: { ...signed.headers, range: 'bytes=0-10' } }, '', 'SignatureDoesNotMatch'],
    ['another body', signed, 'x', 'XAmzContentSHA256Mismatch'],
    ['nobody’s key', { ...signed, headers: { ...signed.headers, authorization: '' } }, '', 'InvalidAccessKeyId'],
  ])('refuses %s', (_what, request, body, code) => {
    expect(refusalOf(request, Buffer.from(body), keys)).toBe(code);
  });
});
