import { z } from 'zod';
import { ApiError, toldAs } from '../gateway/api-error.js';
import { callOf, defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Permission } from '../ram/permission.js';
import type { Caller } from '../ram/principal.js';
import type { Rules } from '../rules.js';
import type { StateStore } from '../state/state-store.js';
import { jsonText } from './parameters.js';

const Wanted = z.object({
  SecretName: z.string().max(512),
  VersionId: z.string().max(64).optional(),
  VersionStage: z.string().max(64).optional(),
  FetchExtendedConfig: z.boolean().optional(),
});

/** BatchGetSecretValue: up to 20 values; each is judged by itself, as GetSecretValue would be. */
export function batchGetSecretValue(getSecretValue: Operation, store: StateStore, permission: Permission): Operation {
  return defineOperation({
    product: 'kms',
    action: 'BatchGetSecretValue',
    quota: 'secret-read',
    parameters: z.object({ SecretsList: jsonText(z.array(Wanted).min(1).max(20)) }),
    run: async (input, { caller, rules }) => {
      const answers = await Promise.all(input.SecretsList.map((wanted) => read(wanted, caller, rules)));
      return {
        SecretValues: answers.flatMap(({ value }) => (value ? [value] : [])),
        Errors: answers.flatMap(({ error }) => (error ? [error] : [])),
      };
    },
  });

  async function read(
    wanted: z.output<typeof Wanted>,
    caller: Caller,
    rules: Rules,
  ): Promise<{ value?: object; error?: object }> {
    const parameters = new Map(Object.entries(wanted).map(([name, value]) => [name, String(value)]));
    try {
      const call = callOf(store, rules, caller, parameters, 'kms');
      permission.check(call, getSecretValue, '127.0.0.1');
      return { value: await getSecretValue.run(call) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { code, status } = toldAs(error, rules.refusals);
      return { error: { SecretName: wanted.SecretName, Code: code, HttpStatus: status, Message: error.message } };
    }
  }
}
