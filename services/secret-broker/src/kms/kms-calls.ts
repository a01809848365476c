import { histogram, SpanKind, withSpan } from '@sallyport/telemetry';
import type { Logger } from '@sallyport/telemetry';
import type { z } from 'zod';
import type { Clock } from '../clock.js';
import { NoTurn } from './fair-gate.js';
import { KmsError, noTurn, toKmsError } from './kms-error.js';
import type { KmsAction, KmsCall, KmsGateway } from './kms-gateway.js';
import type { KmsPace } from './kms-pace.js';
import type { Patience, Try } from './patience.js';
import { withPatience } from './patience.js';

type Awaitable<T> = T | Promise<T>;

/** As KMS names them. */
export type Parameters = Record<string, string>;

/** One operation of KMS with its parameters. */
export interface Operation<S extends z.ZodType> {
  readonly regionId: string;
  readonly action: KmsAction;
  readonly parameters: Parameters;
  /** Of the answer. */
  readonly schema: S;
}

/** The generic call to KMS under one identity: with patience, at the pace of the quota, as a span, measured, and parsed. */
export class KmsCalls {
  readonly #duration = histogram('sallyport.kms.call.duration', 'Calls to KMS, each try for itself', 'ms');
  readonly #wait = histogram('sallyport.kms.queue.wait', 'From a try to the call, to stay below the quota', 'ms');

  constructor(
    private readonly gateway: KmsGateway,
    private readonly pace: KmsPace,
    private readonly patience: Patience,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /**
   * A call that may be repeated.
   * @throws KmsError
   */
  call<S extends z.ZodType>(operation: Operation<S>): Promise<z.infer<S>> {
    return withPatience(this.patience, this.clock, (one) => this.#once(operation, one));
  }

  /**
   * A call that must not happen twice. When its answer was lost on the way, the next try is refused because of what the
   * first one did: `answerFor` tells such an error from a true refusal, and gives the answer in its place.
   * @throws KmsError
   */
  change<S extends z.ZodType>(
    operation: Operation<S>,
    answerFor: (error: KmsError) => Awaitable<z.infer<S> | undefined>,
  ): Promise<z.infer<S>> {
    return withPatience(this.patience, this.clock, async (one) => {
      try {
        return await this.#once(operation, one);
      } catch (error) {
        const answer = one.number > 1 && error instanceof KmsError ? await answerFor(error) : undefined;
        if (answer === undefined) throw error;
        return answer;
      }
    });
  }

  /** One try, as a span of the trace; a failure is logged with what Alibaba Cloud's support asks for. */
  #once<S extends z.ZodType>(operation: Operation<S>, { number, timeoutMs }: Try): Promise<z.infer<S>> {
    const { regionId, action, parameters, schema } = operation;
    const call = async (): Promise<z.infer<S>> => {
      try {
        return parseAnswer(schema, action, await this.#paced({ regionId, action, parameters, timeoutMs }));
      } catch (error) {
        if (error instanceof KmsError) {
          const { code, kmsCode, requestId } = error;
          this.log.warn({ action, regionId, try: number, code, kmsCode, requestId }, 'a call to KMS failed');
        }
        throw error;
      }
    };
    const attributes = { 'kms.action': action, 'kms.region': regionId, 'kms.try': number };
    return withSpan(`KMS ${action}`, call, { kind: SpanKind.CLIENT, attributes });
  }

  /** Waits until the pace lets the call go; the wait counts as time of the try. */
  async #paced(call: KmsCall): Promise<unknown> {
    const { regionId, action, parameters, timeoutMs } = call;
    const askedAt = performance.now();
    const leave = await this.pace
      .enter(regionId, action, parameters['SecretName'] ?? '', timeoutMs)
      .catch((error: unknown) => {
        throw error instanceof NoTurn ? toKmsError(action, { kmsCode: noTurn, answered: false, httpStatus: 0 }) : error;
      });
    const startedAt = performance.now();
    this.#wait.record(startedAt - askedAt, { action });
    let outcome = 'ok';
    try {
      return await this.gateway.call({ ...call, timeoutMs: Math.max(1, askedAt + timeoutMs - startedAt) });
    } catch (error) {
      outcome = error instanceof KmsError ? error.code : 'internal';
      throw error;
    } finally {
      this.#duration.record(performance.now() - startedAt, { action, outcome });
      leave();
    }
  }
}

function parseAnswer<S extends z.ZodType>(schema: S, action: KmsAction, answer: unknown): z.infer<S> {
  const parsed = schema.safeParse(answer, { reportInput: false });
  if (parsed.success) return parsed.data;
  throw toKmsError(action, { kmsCode: 'MalformedAnswer', answered: true, httpStatus: 0 });
}
