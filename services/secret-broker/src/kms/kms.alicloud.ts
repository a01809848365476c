import { createRequire } from 'node:module';
import type KmsSdk from '@alicloud/kms20160120';
import type RpcSdk from '@alicloud/rpc-client';
import type TeaUtil from '@alicloud/tea-util';
import { z } from 'zod';
import type { AccessKey, AccessKeySource } from './credentials.alicloud.js';
import { endpointOf, type KmsEndpoint } from './kms-endpoint.js';
import type { KmsFailure } from './kms-error.js';
import { toKmsError } from './kms-error.js';
import type { KmsCall } from './kms-gateway.js';
import { KmsGateway } from './kms-gateway.js';
import { safeDetail } from './safe-detail.js';

// CommonJS with a default export, which Node and Vitest show differently when it is imported.
const require = createRequire(import.meta.url);
const kms = require('@alicloud/kms20160120') as typeof KmsSdk;
const rpc = require('@alicloud/rpc-client') as typeof RpcSdk;
const tea = require('@alicloud/tea-util') as typeof TeaUtil;

const API_VERSION = '2016-01-20';
const CONNECT_TIMEOUT_MS = 3000;

/** Codes after which a fresh temporary key may help; an expired one shows as the first (reference, section 6.2). */
const staleKeyCodes = ['InvalidAccessKeyId.NotFound', 'InvalidSecurityToken.Expired'];

export interface AlicloudSettings {
  /** Passed `endpointProblem`. */
  readonly endpoint: string;
  /** The SDK's own calls use the URL, where values end in logs of proxies: `query` is for a gateway that refuses forms. */
  readonly parametersIn: 'body' | 'query';
  readonly accessKey: AccessKeySource;
}

/** What the gateway uses of the SDK's client. */
type RequestMaker = Pick<KmsSdk.default, 'doRequest'>;

/**
 * Port adapter on `@alicloud/kms20160120` 1.2.0, through its generic call: the typed ones do not know ECS secrets.
 * The SDK's words are thrown away: they hold the URL with the signature, what was sent, or pieces of an answer. Of KMS's own
 * only those remain that `safeDetail` lets through.
 */
export class AlicloudGateway extends KmsGateway {
  /** One client for each region, as long as the access key is the same. */
  readonly #clients = new Map<string, { readonly key: AccessKey; readonly client: RequestMaker }>();

  constructor(
    private readonly settings: AlicloudSettings,
    private readonly makeClient: (endpoint: KmsEndpoint, key: AccessKey) => RequestMaker = newClient,
  ) {
    super();
  }

  override async call(call: KmsCall): Promise<unknown> {
    const endsAt = performance.now() + call.timeoutMs;
    try {
      return await this.#tryOnce(call, call.timeoutMs);
    } catch (error) {
      const failure = failureOf(error);
      const leftMs = endsAt - performance.now();
      if (leftMs > 0 && staleKeyCodes.includes(failure.kmsCode) && this.settings.accessKey.renew()) {
        return this.#tryOnce(call, leftMs).catch((again: unknown) => {
          throw toKmsError(call.action, failureOf(again));
        });
      }
      throw toKmsError(call.action, failure);
    }
  }

  /**
   * The SDK has no abort signal and restarts its clock with every byte, so we race it against one of our own.
   * @throws CallFailed
   */
  async #tryOnce(call: KmsCall, timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new CallFailed({ kmsCode: 'ETIMEDOUT', answered: false, httpStatus: 0 }));
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#send(call, timeoutMs), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** With one snapshot of the access key, from the first byte to the last. @throws CallFailed */
  async #send(call: KmsCall, timeoutMs: number): Promise<unknown> {
    const key = await this.#accessKey();
    const [query, body] = this.settings.parametersIn === 'body' ? [{}, call.parameters] : [call.parameters, null];
    const runtime = new tea.RuntimeOptions({
      readTimeout: timeoutMs,
      connectTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    });
    try {
      // The types of the SDK leave out that a body may be null.
      const form = body as Record<string, string>;
      const client = this.#client(call.regionId, key);
      return await client.doRequest(call.action, 'HTTPS', 'POST', API_VERSION, 'AK', query, form, runtime);
    } catch (error) {
      throw new CallFailed({ ...toFailure(error, call), temporaryKey: key.securityToken !== undefined });
    }
  }

  async #accessKey(): Promise<AccessKey> {
    try {
      return await this.settings.accessKey.current();
    } catch {
      throw new CallFailed({ kmsCode: 'NoAccessKey', answered: false, httpStatus: 0 });
    }
  }

  /**
   * A client is made of a snapshot: it asks its credential for id, secret and token one by one, and a renewal between would
   * tear them apart. Connections live in an agent that all clients share.
   */
  #client(regionId: string, key: AccessKey): RequestMaker {
    const known = this.#clients.get(regionId);
    if (known && isSame(known.key, key)) return known.client;
    const client = this.makeClient(endpointOf(this.settings.endpoint, regionId), key);
    this.#clients.set(regionId, { key, client });
    return client;
  }
}

function isSame(one: AccessKey, other: AccessKey): boolean {
  return one.id === other.id && one.secret === other.secret && one.securityToken === other.securityToken;
}

function newClient(endpoint: KmsEndpoint, key: AccessKey): RequestMaker {
  return new kms.default(
    new rpc.Config({
      endpoint: endpoint.address,
      protocol: endpoint.protocol,
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      ...(key.securityToken && { securityToken: key.securityToken }),
    }),
  );
}

/** One call failed, for a reason that is safe to know. */
class CallFailed extends Error {
  constructor(readonly failure: KmsFailure) {
    super(failure.kmsCode);
  }
}

function failureOf(error: unknown): KmsFailure {
  if (error instanceof CallFailed) return error.failure;
  throw error;
}

const Code = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/);
/** What the SDK throws: `data` is KMS's answer, `code` else a code of Node's, and `message` begins with the status. */
const SdkError = z.object({
  code: Code.optional().catch(undefined),
  name: z.string().catch(''),
  message: z.string().catch(''),
  data: z
    .object({
      Code: Code.catch('Unknown'),
      RequestId: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,64}$/)
        .optional()
        .catch(undefined),
      Message: z.string().catch(''),
      HttpStatus: z.coerce.number().int().optional().catch(undefined),
      AccessDeniedDetail: z
        .object({ AuthAction: z.string().regex(/^kms:[A-Za-z]{1,40}$/) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

function toFailure(error: unknown, { parameters }: KmsCall): KmsFailure {
  const { code, name, message, data } = SdkError.parse(error);
  if (data) {
    const status = data.HttpStatus ?? Number(/^[^:]*: code: (\d{3}),/.exec(message)?.[1] ?? 0);
    const detail = safeDetail(data.Code, data.Message, parameters['SecretData']);
    return {
      kmsCode: data.Code,
      answered: true,
      httpStatus: status,
      ...(data.RequestId && { requestId: data.RequestId }),
      ...(detail && { detail }),
      ...(data.AccessDeniedDetail && { deniedAction: data.AccessDeniedDetail.AuthAction }),
    };
  }
  if (name.includes('Timeout')) return { kmsCode: 'ETIMEDOUT', answered: false, httpStatus: 0 };
  // An answer that is no JSON object: a proxy's page, or one that was cut.
  if (code === undefined) return { kmsCode: 'MalformedAnswer', answered: true, httpStatus: 0 };
  return { kmsCode: code, answered: false, httpStatus: 0 };
}
