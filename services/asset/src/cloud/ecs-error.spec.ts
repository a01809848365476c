import { describe, expect, it } from 'vitest';
import { ecsFailed, isRetryableEcsError, wouldHaveSucceeded } from './ecs-error.js';
import { DeadlineError } from './retry.js';

const sdkError = (fields: object): Error => Object.assign(new Error('https://ecs/?Signature=hunter2'), fields);

describe('ecsFailed', () => {
  it.each([
    [{ code: 'Throttling.User', statusCode: 400, requestId: 'A-1' }, true, 'ECS refused: Throttling.User, request A-1'],
    [{ code: 'ServiceUnavailable', statusCode: 503 }, true, 'ECS refused: ServiceUnavailable'],
    [
      { code: 'Forbidden.RAM', statusCode: 403, data: { RequestId: 'A-2' } },
      false,
      'ECS refused: Forbidden.RAM, request A-2',
    ],
    [{ code: 'ECONNREFUSED' }, true, 'ECS cannot be reached in time'],
    [{ name: 'RequestTimeoutError' }, true, 'ECS cannot be reached in time'],
    [{ code: 'x'.repeat(100) }, false, 'ECS refused: Error'],
  ])('says of %j what helps and nothing else', (fields, retryable, message) => {
    const error = ecsFailed(sdkError(fields));
    expect(error).toMatchObject({ code: 'ecs.failed', retryable, message });
    expect(isRetryableEcsError(sdkError(fields))).toBe(retryable);
    expect(JSON.stringify([error.message, error.cause])).not.toContain('hunter2');
  });

  it('tells a bad cursor and a deadline apart', () => {
    expect(ecsFailed(sdkError({ code: 'InvalidNextToken', statusCode: 400 })).code).toBe('request.invalid');
    expect(ecsFailed(new DeadlineError())).toMatchObject({ code: 'ecs.failed', retryable: true });
    expect(ecsFailed(undefined).message).toBe('ECS refused: unknown error');
  });

  it('knows a dry run that would have succeeded from every other answer', () => {
    for (const code of ['DryRunOperation', 'DryRunOperationError'])
      expect(wouldHaveSucceeded(sdkError({ code, statusCode: 400 })), code).toBe(true);
    for (const code of ['Forbidden.RAM', 'DryRunOperationRefused', 'Throttling'])
      expect(wouldHaveSucceeded(sdkError({ code, statusCode: 400 })), code).toBe(false);
    expect(wouldHaveSucceeded(undefined)).toBe(false);
  });
});
