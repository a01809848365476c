import type { z } from 'zod';
import type { Caller } from '../ram/principal.js';
import type { Rules } from '../rules.js';
import type { AccountStore } from '../state/account-store.js';
import type { StateStore } from '../state/state-store.js';
import { ApiError, missingParameter } from './api-error.js';

/** Which product of the cloud, told by the API version of the request. */
export type Product = 'kms' | 'ecs' | 'sts';

/** Operations that share one rate limit; the numbers are in throttle.ts. */
export type Quota =
  'secret-read' | 'list' | 'secret-write' | 'change' | 'key-read' | 'key-tags' | 'key-create' | 'ecs-read' | 'sts';

/** A call whose caller is known. */
export interface Call {
  readonly caller: Caller;
  /** In which the call works: the account that an ARN names, else the caller's own. */
  readonly account: AccountStore;
  /** Of the operation, from query and body. */
  readonly parameters: ReadonlyMap<string, string>;
  /** That hold for it. */
  readonly rules: Rules;
}

/** @param parameters of KMS: where `SecretName` or `KeyId` is an ARN, it says whose the resource is (reference section 2) */
export function callOf(
  store: StateStore,
  rules: Rules,
  caller: Caller,
  parameters: ReadonlyMap<string, string>,
  product: Product,
): Call {
  const named = product === 'kms' ? parameters.get('SecretName') || parameters.get('KeyId') || '' : '';
  const accountId = /^acs:kms:[^:]*:(\d{16}):/.exec(named)?.[1] ?? caller.principal.accountId;
  return { caller, account: store.of(accountId), parameters, rules };
}

/** One operation of an API. */
export interface Operation {
  readonly product: Product;
  /** Case-sensitive, e.g. `GetSecretValue`. */
  readonly action: string;
  readonly quota: Quota;
  /** Whether the call can be tried with `DryRun=true`, which always ends with an error that tells. */
  readonly dryRun?: boolean;
  /** What a caller without permission gets, where the product does not say so. */
  readonly whenDenied?: object;
  /** @throws ApiError `MissingParameter`, `InvalidParameter` for what can be told without looking at any resource */
  checkParameters?(call: Call): void;
  /**
   * Checks the parameters and does the work. The answer is the JSON body without `RequestId`.
   * @throws ApiError
   */
  run(call: Call): Promise<object>;
}

/** What an operation is made of: its parameters as a zod object of optional strings, and what it does with them. */
interface Definition<Schema extends z.ZodType> extends Omit<Operation, 'run' | 'checkParameters'> {
  readonly parameters: Schema;
  run(input: z.output<Schema>, call: Call): object | Promise<object>;
}

/** An operation whose parameters are checked against a schema. Unknown parameters are let pass, as the cloud does. */
export function defineOperation<Schema extends z.ZodType>(definition: Definition<Schema>): Operation {
  const { product, action, quota, dryRun, whenDenied, parameters: schema } = definition;
  return {
    product,
    action,
    quota,
    ...(dryRun && { dryRun }),
    ...(whenDenied && { whenDenied }),
    checkParameters: (call) => {
      parseParameters(schema, call.parameters);
    },
    run: async (call) => definition.run(parseParameters(schema, call.parameters), call),
  };
}

/** An empty text counts as absent: the SDKs send absent members as empty text. */
function parseParameters<Schema extends z.ZodType>(
  schema: Schema,
  parameters: ReadonlyMap<string, string>,
): z.output<Schema> {
  const present = Object.fromEntries([...parameters].filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  if (name !== '' && !(name in present)) {
    throw missingParameter(name);
  }
  throw new ApiError('InvalidParameter', `The specified parameter ${name} is not valid: ${issue?.message ?? ''}.`);
}
