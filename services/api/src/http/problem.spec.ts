import { errorCodes, Problem } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { describe, expect, it } from 'vitest';
import { headersOf, problemOf } from './problem.js';
import { HttpError, InvalidRequest } from './request-error.js';
import { statusOf } from './status-of.js';

const traceId = 'a'.repeat(32);

describe('problems', () => {
  it('have a status for each error code and for nothing else', () => {
    expect(Object.keys(statusOf).sort()).toEqual([...errorCodes].sort());
  });

  it.each(errorCodes)('are as the contract says for %s', (code) => {
    const problem = problemOf(new DomainError(code, 'words'), traceId);
    expect(Problem.strict().parse(problem)).toEqual(problem);
    expect(problem).toMatchObject({ status: statusOf[code], code, detail: 'words', traceId });
    expect(problem.title).not.toBe('Error');
  });

  it('come with the refusal of the cloud in its own words, where it was the cloud that refused', () => {
    const cloud = { code: 'Rejected.ResourceExist', requestId: 'r-1' };
    const problem = problemOf(new DomainError('secret.exists', 'a secret of this name exists', { cloud }), traceId);
    expect(problem).toMatchObject({
      status: 409,
      code: 'secret.exists',
      detail: 'a secret of this name exists',
      cloud,
    });
    expect(Problem.strict().parse(problem)).toEqual(problem);
  });

  it('never tell a caller that the fault of a service is one of his standing', () => {
    for (const code of errorCodes.filter((one) => /^(kms|ecs|audit)\./.test(one)))
      expect(statusOf[code], code).toBeGreaterThanOrEqual(500);
  });

  it('say nothing of what is no error of ours', () => {
    for (const error of [new Error('hunter2'), new TypeError('hunter2'), 'hunter2', undefined, { statusCode: 200 }])
      expect(problemOf(error, traceId)).toMatchObject({ status: 500, code: 'internal', detail: 'internal error' });
    const fastify = Object.assign(new SyntaxError('Unexpected token h in hunter2'), { statusCode: 400 });
    expect(problemOf(fastify, traceId)).toMatchObject({ status: 400, detail: 'the request is malformed' });
    const late = Object.assign(new Error('x'), { code: 'FST_ERR_HANDLER_TIMEOUT', statusCode: 503 });
    expect(problemOf(late, traceId)).toMatchObject({ status: 503, code: 'service.unavailable' });
  });

  it('carry what HTTP wants beside them', () => {
    const wrong = new InvalidRequest([{ in: 'body', pointer: '#/name', detail: 'too long' }]);
    expect(problemOf(wrong, traceId).errors).toHaveLength(1);
    expect(problemOf(wrong, traceId).detail).toBe('body #/name: too long');
    expect(headersOf(new HttpError(405, 'request.invalid', 'x', { allow: 'GET' }))).toEqual({ allow: 'GET' });
    expect(headersOf(new DomainError('access.unauthenticated', 'x'))).toHaveProperty('www-authenticate');
    expect(headersOf(new DomainError('access.forbidden', 'x'))).toEqual({});
  });
});
