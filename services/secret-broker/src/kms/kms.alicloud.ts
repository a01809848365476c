import { createRequire } from 'node:module';
import type KmsSdk from '@alicloud/kms20160120';
import type RpcSdk from '@alicloud/rpc-client';
import type TeaUtil from '@alicloud/tea-util';
import { z } from 'zod';
import type { AccessKey, AccessKeySource } from './credentials.alicloud.js';
import { endpointOf } from './kms-endpoint.js';
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

/**
 * Port adapter on `@alicloud/kms20160120` 1.2.0, through its generic call: the typed ones do not know ECS secrets.
 * The SDK's words are thrown away: they hold the URL with the signature, what was sent, or pieces of an answer. Of KMS's own
 * only those remain that `safeDetail` lets through.
 */
export class AlicloudGateway extends KmsGateway {
  constructor(private readonly settings: AlicloudSettings) {
    super();
  }

  override async call(call: KmsCall): Promise<unknown> {
    const endsAt = performance.now() + call.timeoutMs;
    try {
      return await this.#tryOnce(call, call.timeoutMs);
    } catch (error) {
      const failure = toFailure(error, call);
      const leftMs = endsAt - performance.now();
      if (leftMs > 0 && staleKeyCodes.includes(failure.kmsCode) && this.settings.accessKey.renew()) {
        return this.#tryOnce(call, leftMs).catch((again: unknown) => {
          throw toKmsError(call.action, toFailure(again, call));
        });
      }
      throw toKmsError(call.action, failure);
    }
  }

  /** The SDK has no abort signal and restarts its clock with every byte, so we race it against one of our own. */
  async #tryOnce(call: KmsCall, timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new DeadlinePassed());
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#send(call, timeoutMs), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #send({ regionId, action, parameters }: KmsCall, timeoutMs: number): Promise<unknown> {
    const { endpoint, parametersIn } = this.settings;
    const client = newClient(endpointOf(endpoint, regionId), await this.#accessKey());
    const [query, body] = parametersIn === 'body' ? [{}, parameters] : [parameters, null];
    const runtime = new tea.RuntimeOptions({
      readTimeout: timeoutMs,
      connectTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    });
    // The types of the SDK leave out that a body may be null.
    return client.doRequest(action, 'HTTPS', 'POST', API_VERSION, 'AK', query, body as Record<string, string>, runtime);
  }

  async #accessKey(): Promise<AccessKey> {
    try {
      return await this.settings.accessKey.current();
    } catch {
      throw new NoAccessKey();
    }
  }
}

/**
 * A client for one call: it asks its credential for id, secret and token one by one, and a renewal between would tear them
 * apart. It is a small object; connections live in an agent that all of them share.
 */
function newClient(endpoint: { address: string; protocol: string }, key: AccessKey) {
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

class DeadlinePassed extends Error {
  readonly code = 'ETIMEDOUT';
}

class NoAccessKey extends Error {
  readonly code = 'NoAccessKey';
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
    };
  }
  if (name.includes('Timeout')) return { kmsCode: 'ETIMEDOUT', answered: false, httpStatus: 0 };
  // An answer that is no JSON object: a proxy's page, or one that was cut.
  if (code === undefined) return { kmsCode: 'MalformedAnswer', answered: true, httpStatus: 0 };
  return { kmsCode: code, answered: false, httpStatus: 0 };
}
