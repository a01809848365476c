import type { Secret as SecretDescription, SecretVersion } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import { histogram, SpanKind, withSpan } from '@sallyport/telemetry';
import type { Logger } from '@sallyport/telemetry';
import type { z } from 'zod';
import type { Clock } from '../clock.js';
import {
  DeleteAnswer,
  DescribeAnswer,
  ListAnswer,
  Recorded,
  toDescription,
  ValueAnswer,
  VersionsAnswer,
} from './kms-answers.js';
import { NoTurn } from './fair-gate.js';
import { KmsError, noTurn, toKmsError } from './kms-error.js';
import type { KmsAction, KmsCall, KmsGateway } from './kms-gateway.js';
import type { KmsPace } from './kms-pace.js';
import { createParameters } from './create-parameters.js';
import type { Parameters } from './create-parameters.js';
import type { Deletion, NewSecret, SecretAddress, SecretPage, SecretValue, Stage } from './kms.js';
import { Kms } from './kms.js';
import type { Patience, Try } from './patience.js';
import { withPatience } from './patience.js';
import { SingleFlight } from './single-flight.js';

type Awaitable<T> = T | Promise<T>;

/** KMS's operations over one signed call: names of parameters, patience, pace, and shared reads. */
export class KmsClient extends Kms {
  readonly #reads = new SingleFlight<SecretValue>();
  readonly #duration = histogram('sallyport.kms.call.duration', 'Calls to KMS, each try for itself', 'ms');
  readonly #wait = histogram('sallyport.kms.queue.wait', 'From a try to the call, to stay below the quota', 'ms');

  constructor(
    private readonly gateway: KmsGateway,
    private readonly pace: KmsPace,
    private readonly patience: Patience,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    super();
  }

  override readValue({ regionId, name }: SecretAddress, stage: Stage): Promise<SecretValue> {
    return this.#reads.run(`${regionId} ${stage} ${name}`, async () => {
      const parameters = { SecretName: name, VersionStage: stage };
      const answer = await this.#call(ValueAnswer, regionId, 'GetSecretValue', parameters);
      return {
        data: Secret.of(answer.SecretData),
        versionId: answer.VersionId,
        requestId: answer.RequestId,
        rotationFailed: answer.AutomaticRotation === 'Invalid',
        ...(answer.LastRotationDate && { lastRotationAt: answer.LastRotationDate }),
      };
    });
  }

  override async describe({ regionId, name }: SecretAddress): Promise<SecretDescription> {
    const parameters = { SecretName: name, FetchTags: 'true' };
    return toDescription(regionId, await this.#call(DescribeAnswer, regionId, 'DescribeSecret', parameters));
  }

  override async list(regionId: string, page: { number: number; size: number }): Promise<SecretPage> {
    const answer = await this.#call(ListAnswer, regionId, 'ListSecrets', {
      Filters: JSON.stringify([{ Key: 'SecretType', Values: ['ECS'] }]),
      FetchTags: 'true',
      PageNumber: String(page.number),
      PageSize: String(page.size),
    });
    const items = answer.SecretList.map((secret) => toDescription(regionId, secret));
    return { items, totalCount: answer.TotalCount };
  }

  override async listVersions({ regionId, name }: SecretAddress): Promise<SecretVersion[]> {
    // Without the deprecated ones there are two at most, the current and the previous.
    const parameters = { SecretName: name, PageNumber: '1', PageSize: '20' };
    const answer = await this.#call(VersionsAnswer, regionId, 'ListSecretVersionIds', parameters);
    return answer.VersionIds.map((version) => ({
      versionId: version.VersionId,
      createdAt: version.CreateTime,
      stages: version.VersionStages,
    }));
  }

  override async create(secret: NewSecret): Promise<{ requestId: string }> {
    const { RequestId } = await this.#change(
      secret,
      'CreateSecret',
      createParameters(secret),
      Recorded,
      async (error) => {
        const versions = error.code === 'secret.exists' ? await this.listVersions(secret) : [];
        return versions.some(({ versionId }) => versionId === secret.versionId) ? recorded(error) : undefined;
      },
    );
    return { requestId: RequestId };
  }

  override async delete(
    address: SecretAddress,
    deletion: Deletion,
  ): Promise<{ requestId: string; plannedDeleteAt?: string }> {
    const { force } = deletion;
    const days = force ? undefined : deletion.recoveryWindowDays;
    const parameters: Parameters = {
      SecretName: address.name,
      ForceDeleteWithoutRecovery: String(force),
      ...(days !== undefined && { RecoveryWindowInDays: String(days) }),
    };
    const answer = await this.#change(address, 'DeleteSecret', parameters, DeleteAnswer, async (error) => {
      if (error.code !== (force ? 'secret.not-found' : 'secret.deleted')) return undefined;
      const { plannedDeleteAt } = force ? {} : await this.describe(address);
      return { ...recorded(error), PlannedDeleteTime: plannedDeleteAt ? new Date(plannedDeleteAt) : undefined };
    });
    const plannedDeleteAt = answer.PlannedDeleteTime?.toISOString();
    return { requestId: answer.RequestId, ...(plannedDeleteAt && { plannedDeleteAt }) };
  }

  override async restore(address: SecretAddress): Promise<{ requestId: string }> {
    const parameters = { SecretName: address.name };
    const { RequestId } = await this.#change(address, 'RestoreSecret', parameters, Recorded, (error) =>
      error.code === 'secret.not-deleted' ? recorded(error) : undefined,
    );
    return { requestId: RequestId };
  }

  override async rotate({ regionId, name }: SecretAddress, versionId: string): Promise<{ requestId: string }> {
    const parameters = { SecretName: name, VersionId: versionId };
    const { RequestId } = await this.#call(Recorded, regionId, 'RotateSecret', parameters);
    return { requestId: RequestId };
  }

  override async setRotation(
    { regionId, name }: SecretAddress,
    intervalSeconds: number | undefined,
  ): Promise<{ requestId: string }> {
    const parameters: Parameters = {
      SecretName: name,
      EnableAutomaticRotation: String(intervalSeconds !== undefined),
      ...(intervalSeconds !== undefined && { RotationInterval: `${intervalSeconds}s` }),
    };
    const { RequestId } = await this.#call(Recorded, regionId, 'UpdateSecretRotationPolicy', parameters);
    return { requestId: RequestId };
  }

  /**
   * A call that must not happen twice. When its answer was lost on the way, the next try is refused because of what the
   * first one did: `answerFor` tells such an error from a true refusal, and gives the answer in its place.
   */
  #change<S extends z.ZodType>(
    { regionId }: SecretAddress,
    action: KmsAction,
    parameters: Parameters,
    schema: S,
    answerFor: (error: KmsError) => Awaitable<z.infer<S> | undefined>,
  ): Promise<z.infer<S>> {
    return withPatience(this.patience, this.clock, async (one) => {
      try {
        return await this.#once(schema, regionId, action, parameters, one);
      } catch (error) {
        const answer = one.number > 1 && error instanceof KmsError ? await answerFor(error) : undefined;
        if (answer === undefined) throw error;
        return answer;
      }
    });
  }

  #call<S extends z.ZodType>(
    schema: S,
    regionId: string,
    action: KmsAction,
    parameters: Parameters,
  ): Promise<z.infer<S>> {
    return withPatience(this.patience, this.clock, (one) => this.#once(schema, regionId, action, parameters, one));
  }

  /** One try, as a span of the trace; a failure is logged with what Alibaba Cloud's support asks for. */
  #once<S extends z.ZodType>(
    schema: S,
    regionId: string,
    action: KmsAction,
    parameters: Parameters,
    { number, timeoutMs }: Try,
  ): Promise<z.infer<S>> {
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

function recorded({ requestId = '' }: KmsError): z.infer<typeof Recorded> {
  return { RequestId: requestId };
}
