import { describe, expect, it } from 'vitest';
import { toKmsError } from './kms-error.js';
import type { KmsAction } from './kms-gateway.js';
import { safeDetail } from './safe-detail.js';

const answered = (kmsCode: string, httpStatus = 400) => ({ kmsCode, answered: true, httpStatus, requestId: 'r-1' });

describe('toKmsError', () => {
  it.each<[KmsAction, string, number, string, boolean]>([
    ['GetSecretValue', 'Forbidden.ResourceNotFound', 404, 'secret.not-found', false],
    ['GetSecretValue', 'Rejected.ResourceInDeleteWindow', 409, 'secret.deleted', false],
    ['GetSecretValue', 'Forbidden.NoPermission', 403, 'kms.denied', false],
    ['GetSecretValue', 'Rejected.Disabled', 409, 'kms.key-unavailable', false],
    ['GetSecretValue', 'Rejected.Unavailable', 409, 'kms.key-unavailable', false],
    ['GetSecretValue', 'InvalidAccessKeyId.NotFound', 404, 'kms.credentials-rejected', false],
    ['GetSecretValue', 'SignatureDoesNotMatch', 400, 'kms.credentials-rejected', false],
    ['GetSecretValue', 'InvalidTimeStamp.Expired', 400, 'kms.clock-skew', false],
    ['GetSecretValue', 'Rejected.Throttling', 429, 'kms.throttled', true],
    ['GetSecretValue', 'Throttling.User', 400, 'kms.throttled', true],
    ['GetSecretValue', 'InternalFailure', 500, 'kms.failed', true],
    ['GetSecretValue', 'ServiceUnavailableTemporary', 503, 'kms.failed', true],
    ['GetSecretValue', 'SomethingNew', 502, 'kms.failed', true],
    ['GetSecretValue', 'SomethingNew', 400, 'kms.failed', false],
    ['GetSecretValue', 'InvalidParameter', 400, 'kms.failed', false],
    ['CreateSecret', 'InvalidParameter', 400, 'secret.rejected', false],
    ['CreateSecret', 'Rejected.LimitExceeded', 400, 'secret.rejected', false],
    ['CreateSecret', 'Rejected.ResourceExist', 409, 'secret.exists', false],
    ['CreateSecret', 'Rejected.ResourceInDeleteWindow', 409, 'secret.exists', false],
    ['RestoreSecret', 'Rejected.ResourceInUse', 409, 'secret.not-deleted', false],
    ['CreateSecret', 'Forbidden.ResourceNotFound', 404, 'secret.rejected', false],
    ['CreateSecret', 'Forbidden.KeyNotFound', 404, 'kms.key-unavailable', false],
    ['RotateSecret', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['RotateSecret', 'Forbidden.ResourceNotFound', 404, 'secret.not-found', false],
    ['UpdateSecretRotationPolicy', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['UpdateSecret', 'Rejected.StateModifiedFailed', 409, 'secret.rotating', false],
    ['TagResource', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['UntagResource', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['DeleteSecret', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['SetSecretPolicy', 'Rejected.ResourceInUse', 409, 'secret.rotating', false],
    ['SetSecretPolicy', 'Forbidden.KeyPolicyUnSupported', 400, 'secret.rejected', false],
  ])('B6: %s refused with %s, %i, is %s', (action, kmsCode, status, code, retryable) => {
    const error = toKmsError(action, answered(kmsCode, status));
    expect(error).toMatchObject({ code, retryable, kmsCode, requestId: 'r-1' });
    expect(error.message).toContain(kmsCode);
  });

  it.each([
    ['secret.rejected', ['MissingParameter', 'ParseRequestParameterException', 'UnsupportedOperation']],
    [
      'kms.key-unavailable',
      ['Forbidden.KeyVersionNotFound', 'Forbidden.AliasNotFound', 'Rejected.PendingDeletion', 'Rejected.PendingImport'],
    ],
    [
      'kms.denied',
      [
        ...['Forbidden.KmsServiceNotEnabled', 'Forbidden.ProhibitedByRiskControl'],
        ...['Forbidden.InDebt', 'Forbidden.InDebtOverdue', 'Forbidden.KeyPolicyUnSupported'],
      ],
    ],
    [
      'kms.credentials-rejected',
      [
        ...['Forbidden.AccessKey', 'InvalidAccessKeyId.Inactive', 'IncompleteSignature', 'NoAccessKey'],
        ...['InvalidSecurityToken.Malformed', 'InvalidSecurityToken.MismatchWithAccessKey'],
      ],
    ],
    ['kms.credentials-expired', ['InvalidSecurityToken.Expired']],
    ['kms.clock-skew', ['InvalidTimeStamp.Format', 'IllegalTimestamp']],
  ])('B6: is %s for each of %j', (code, kmsCodes) => {
    for (const kmsCode of kmsCodes)
      expect(toKmsError('CreateSecret', answered(kmsCode)), kmsCode).toMatchObject({ code, retryable: false });
  });

  it('tells that a secret can have no policy from a permission that is missing', () => {
    for (const action of ['GetSecretPolicy', 'SetSecretPolicy'] as const)
      expect(toKmsError(action, answered('Forbidden.KeyPolicyUnSupported'))).toMatchObject({ code: 'secret.rejected' });
  });

  it('names the permission that is missing', () => {
    const failure = { ...answered('Forbidden.NoPermission', 403), deniedAction: 'kms:RotateSecret' };
    expect(toKmsError('RotateSecret', failure).message).toContain('kms:RotateSecret is missing');
  });

  it.each([
    ['EPIPE', 0, true],
    ['EHOSTUNREACH', 0, true],
    ['Unknown', 504, true],
    ['Unknown', 429, true],
    ['Unknown', 404, false],
  ])('tries again, or not, after %s with the status %i: %s', (kmsCode, httpStatus, retryable) => {
    expect(toKmsError('DescribeSecret', { kmsCode, answered: httpStatus > 0, httpStatus })).toMatchObject({
      retryable,
    });
  });

  it('tells a key that there is none from one that cannot be used', () => {
    const words = (kmsCode: string) => toKmsError('DescribeKey', answered(kmsCode, 404)).message;
    expect(words('Forbidden.KeyNotFound')).toMatch(/^the encryption key does not exist .*\(Forbidden\.KeyNotFound\)$/);
    expect(words('Rejected.Disabled')).toMatch(/cannot be used/);
  });

  it('says of a secret that could not be made which of the things that it names may be missing', () => {
    const { message } = toKmsError('CreateSecret', answered('Forbidden.ResourceNotFound', 404));
    expect(message).toMatch(/\(Forbidden\.ResourceNotFound: what it names does not exist, such as its KMS instance/);
    expect(toKmsError('RotateSecret', answered('Forbidden.ResourceNotFound', 404)).message).toBe(
      'the secret does not exist in KMS (Forbidden.ResourceNotFound)',
    );
  });

  it.each([
    ['ECONNREFUSED', 'kms.unreachable', true],
    ['ECONNRESET', 'kms.unreachable', true],
    ['CERT_HAS_EXPIRED', 'kms.unreachable', false],
    ['ENOTFOUND', 'kms.unresolved', false],
    ['EAI_AGAIN', 'kms.unresolved', true],
    ['ETIMEDOUT', 'kms.timeout', true],
    ['NoTurn', 'kms.throttled', true],
  ])('B6: %s is %s', (kmsCode, code, retryable) => {
    const failure = { kmsCode, answered: false, httpStatus: 0 };
    expect(toKmsError('GetSecretValue', failure)).toMatchObject({ code, retryable });
  });

  it.each([
    ['kms:Decrypt', 'kms.key-denied'],
    ['kms:GenerateDataKey', 'kms.key-denied'],
    ['kms:GetSecretValue', 'kms.denied'],
  ])('B6: without the permission %s, it is %s', (deniedAction, code) => {
    const failure = { ...answered('Forbidden.NoPermission', 403), deniedAction };
    expect(toKmsError('GetSecretValue', failure)).toMatchObject({ code, retryable: false });
  });

  it.each(['InvalidAccessKeyId.NotFound', 'InvalidSecurityToken.Expired'])(
    'B6: %s with a temporary key says that it has expired',
    (kmsCode) => {
      const failure = { ...answered(kmsCode, 404), temporaryKey: true };
      expect(toKmsError('GetSecretValue', failure)).toMatchObject({ code: 'kms.credentials-expired' });
    },
  );
});

describe('safeDetail', () => {
  const password = 'hunter2 & "co"';
  const data = JSON.stringify({ UserName: 'root', Password: password });

  it('shows what KMS does not take', () => {
    const message = 'The parameter EncryptionKeyId is invalid.';
    expect(safeDetail('InvalidParameter', message, data)).toBe(message);
    expect(toKmsError('CreateSecret', { ...answered('InvalidParameter'), detail: message }).message).toContain(message);
    expect(toKmsError('GetSecretValue', { ...answered('InvalidParameter'), detail: message }).message).not.toContain(
      message,
    );
    expect(safeDetail('InvalidParameter', `${message}${'x'.repeat(1000)}`, undefined)).toHaveLength(200);
  });

  it.each([
    ['the value', data],
    ['a piece of the value', password.slice(2, 9)],
    ['the value, percent-encoded', encodeURIComponent(password)],
    ['the value, percent-encoded twice', encodeURIComponent(encodeURIComponent(password))],
    ['line breaks', 'one\ntwo'],
  ])('shows nothing that has %s in it', (_, piece) => {
    expect(safeDetail('InvalidParameter', `The parameter ${piece} is invalid.`, data)).toBeUndefined();
  });

  const signs = '"/"&"?"#"+';
  const spaced = 'a"b"c"d"e"f';
  const line = 'MIIEpAIBAAKCAQEA';
  it.each([
    ['percent-encoded, of signs alone', { Password: signs }, encodeURIComponent(signs)],
    ['percent-encoded twice, of signs alone', { Password: signs }, encodeURIComponent(encodeURIComponent(signs))],
    ['as it stands in JSON', { Password: spaced }, JSON.stringify(spaced)],
    ['of a private key', { PublicKey: 'ssh-rsa', PrivateKey: `-----BEGIN\n${line}\n` }, line],
  ])('shows nothing that has the value in it: %s', (_, members, piece) => {
    const value = JSON.stringify({ UserName: 'root', ...members });
    expect(safeDetail('InvalidParameter', `The parameter ${piece} is invalid.`, value)).toBeUndefined();
    expect(safeDetail('InvalidParameter', 'The parameter is invalid.', value)).toBeDefined();
  });

  it('shows nothing of a value that is no JSON, nor of a message that quotes what was signed', () => {
    expect(safeDetail('InvalidParameter', 'bad: hunter2', 'hunter2')).toBeUndefined();
    expect(safeDetail('SignatureDoesNotMatch', 'server string to sign is: POST', data)).toBeUndefined();
  });
});
