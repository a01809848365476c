import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { log } from '../log.js';
import { ApiError, toldAs } from './api-error.js';
import type { CallCounter } from './call-counter.js';
import type { CallerCheck } from './check-caller.js';
import { dryRunError } from './dry-run.js';
import { delayOf, refusalOf, spoilOf } from './faults.js';
import type { FaultRule, Faults, Spoil } from './faults.js';
import type { Permission } from '../ram/permission.js';
import type { RuleBook } from '../rules.js';
import type { StateStore } from '../state/state-store.js';
import { callOf } from './operation.js';
import type { Call, Operation, Product } from './operation.js';
import { parseForm, utf8Text } from './percent-encoding.js';
import { readAcs3Call } from './signature-acs3.js';
import { readV1Call } from './signature-v1.js';
import { hasFormBody } from './signed-call.js';
import type { Refusal } from './situation.js';
import type { RawRequest, SignedCall } from './signed-call.js';
import type { Throttle } from './throttle.js';

/** The product is told by the API version, not by the host name. */
const productOfVersion: ReadonlyMap<string, Product> = new Map([
  ['2016-01-20', 'kms'],
  ['2014-05-26', 'ecs'],
  ['2015-04-01', 'sts'],
]);

/** What goes back to the caller. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  /** XML of this root element instead of JSON. */
  readonly xmlRoot?: string;
  /** A fault that was set for this call. */
  readonly spoil?: Spoil;
}

export interface GatewayParts {
  readonly operations: readonly Operation[];
  readonly callerCheck: CallerCheck;
  readonly throttle: Throttle;
  readonly permission: Permission;
  readonly faults: Faults;
  readonly calls: CallCounter;
  readonly store: StateStore;
  readonly rules: RuleBook;
}

/** An API call with its operation found and its signature read, not yet proven. */
interface Routed {
  readonly operation: Operation;
  readonly signed: SignedCall;
}

/**
 * From an HTTP request to an answer. Order of checks, reference section 9, point 3: known action and version, required
 * common parameters, access key, time, signature, nonce, throttle, permission, parameters, resource.
 */
export class Gateway {
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor(private readonly parts: GatewayParts) {
    this.#operations = new Map(parts.operations.map((one) => [`${one.product} ${one.action}`, one]));
  }

  /** Never throws: everything that goes wrong is an answer. */
  async answer(request: RawRequest): Promise<Answer> {
    const requestId = randomUUID();
    const startedAt = performance.now();
    const seen: { action: string; product: Product } = { action: '', product: 'kms' };
    try {
      const { operation, signed } = this.#route(request, seen);
      const caller = this.parts.callerCheck.check(signed);
      this.parts.throttle.admit(operation, caller.principal.accountId);
      const fault = this.parts.faults.take(operation.action);
      const { store, rules } = this.parts;
      const call = callOf(store, rules.current, caller, signed.parameters, operation.product);
      const run = (): Promise<object> => this.#run(operation, call, request.remoteAddress);
      const result = fault ? await this.#disturb(fault, operation, signed, run) : await run();
      const body = { ...result, RequestId: requestId };
      const spoil = fault && spoilOf(fault);
      log('call.answered', { action: seen.action, requestId, durationMs: Math.round(performance.now() - startedAt) });
      return { status: 200, body, ...this.#xml(request, `${seen.action}Response`), ...(spoil && { spoil }) };
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError('InternalFailure', 'Internal Failure', { cause });
      if (error.code === 'InternalFailure')
        log('call.failed', { action: seen.action, requestId, reason: reasonOf(cause) });
      const told = toldAs(error, this.parts.rules.current.refusals);
      log('call.refused', { action: seen.action, requestId, code: told.code });
      if (seen.action !== '') this.parts.calls.countError(seen.action, told.code);
      const body = this.#envelope(told, error, requestId, seen.product);
      return { status: told.status, body, ...this.#xml(request, seen.product === 'kms' ? 'KMS' : 'Error') };
    }
  }

  async #run(operation: Operation, call: Call, sourceIp: string): Promise<object> {
    if (!operation.dryRun || call.parameters.get('DryRun') !== 'true')
      return this.#permitted(operation, call, sourceIp);
    const refused: unknown = await this.#permitted(operation, call, sourceIp).then(
      () => undefined,
      (error: unknown) => error,
    );
    throw dryRunError(refused);
  }

  async #permitted(operation: Operation, call: Call, sourceIp: string): Promise<object> {
    if (call.rules.checkedFirst === 'parameters') operation.checkParameters?.(call);
    try {
      this.parts.permission.check(call, operation, sourceIp);
    } catch (denied) {
      const tried = call.parameters.get('DryRun') === 'true' && call.rules.ecsDryRunDenied === 'refused';
      if (operation.whenDenied && !tried) return operation.whenDenied;
      throw denied;
    }
    return operation.run(call);
  }

  /** What the call comes to under a fault. */
  async #disturb(
    fault: FaultRule,
    operation: Operation,
    signed: SignedCall,
    run: () => Promise<object>,
  ): Promise<object> {
    await wait(delayOf(fault), undefined, { ref: false });
    if (fault.kind === 'reset') return {};
    if (fault.kind === 'denied' && operation.whenDenied) return operation.whenDenied;
    const refusal = refusalOf(fault, operation, signed);
    if (refusal) throw refusal;
    return run();
  }

  /** @param seen told what is known as soon as it is known, for counting and for the error's envelope */
  #route(request: RawRequest, seen: { action: string; product: Product }): Routed {
    if (request.method !== 'POST' && request.method !== 'GET') {
      throw new ApiError('UnsupportedHTTPMethod', 'This HTTP method is not supported.');
    }
    const query = parseForm(request.queryString);
    const { formParameters } = this.parts.rules.current;
    const form = formParameters && hasFormBody(request) ? parseForm(utf8Text(request.body)) : new Map<string, string>();
    const all = new Map([...query, ...form]);
    if (all.size !== query.size + form.size) {
      throw new ApiError('InvalidParameter', 'A parameter is given both in the query and in the body.');
    }
    const signedByHeader = request.headers.has('authorization');
    const action = signedByHeader ? request.headers.get('x-acs-action') : all.get('Action');
    const version = signedByHeader ? request.headers.get('x-acs-version') : all.get('Version');
    const operation = this.#find(request.path, action, version, seen);
    this.parts.calls.count(operation.action);
    seen.action = operation.action;
    return {
      operation,
      signed: signedByHeader ? readAcs3Call(request, query, all) : readV1Call(request.method, all),
    };
  }

  #find(path: string, action: string | undefined, version: string | undefined, seen: { product: Product }): Operation {
    if (!version) throw new ApiError('MissingVersion', 'Version is mandatory for this action.');
    if (!action) throw new ApiError('MissingAction', 'Action is mandatory for this action.');
    const product = productOfVersion.get(version);
    if (!product) throw new ApiError('InvalidVersion', 'Specified parameter Version is not valid.');
    seen.product = product;
    const operation = path === '/' ? this.#operations.get(`${product} ${action}`) : undefined;
    if (operation) return operation;
    throw new ApiError('InvalidApi.NotFound', 'Specified api is not found, please check your url and method.', {
      situation: 'unknown-operation',
    });
  }

  /** What KMS sends, what the gateway in front of it sends, or the union of the two (reference section 2.15). */
  #envelope({ code, status }: Refusal, { message, detail }: ApiError, requestId: string, product: Product): object {
    const { envelope } = this.parts.rules.current;
    const common = { RequestId: requestId, Code: code, Message: message };
    const ofKms = { ...common, HttpStatus: status };
    const ofGateway = {
      ...common,
      HostId: `${product}.${this.parts.store.current.regionId}.aliyuncs.com`,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}`,
      ...(detail && { AccessDeniedDetail: detail }),
    };
    return { both: { ...ofKms, ...ofGateway }, kms: ofKms, gateway: ofGateway }[envelope];
  }

  /** The root element, when the answer is to be XML. */
  #xml({ headers, queryString, body }: RawRequest, root: string): { readonly xmlRoot?: string } {
    if (this.parts.rules.current.format === 'json') return {};
    const wantsJson =
      /application\/json/i.test(headers.get('accept') ?? '') ||
      /(^|&)Format=json(&|$)/i.test(queryString) ||
      (hasFormBody({ headers }) && /(^|&)Format=json(&|$)/i.test(body.toString('latin1')));
    return wantsJson ? {} : { xmlRoot: root };
  }
}

/** What of an unexpected error may be logged: its kind and place in the code, not its message. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const place =
    cause.stack
      ?.split('\n')
      .find((line) => line.trimStart().startsWith('at '))
      ?.trim() ?? '';
  return `${cause.name} ${place}`;
}
