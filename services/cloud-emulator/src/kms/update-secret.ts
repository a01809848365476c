import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { CustomData } from './extended-config.js';
import { findLiveSecret, withSecret } from './find-secret.js';
import type { Rules } from '../rules.js';
import type { KmsContext } from './kms-context.js';
import { jsonText, refuseLongDescription, SecretName } from './parameters.js';

const wholeName = 'ExtendedConfig.CustomData';

/** UpdateSecret, reference 2.7: description and custom data. Custom data is replaced as a whole. */
export function updateSecret({ clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'UpdateSecret',
    quota: 'change',
    parameters: z.object({ SecretName, Description: z.string().optional() }),
    run: (input, { account, rules, parameters: all }) => {
      const description = all.get('Description'); // an empty one clears it
      if (description !== undefined) refuseLongDescription(description, rules);
      const customData = readCustomData(all, rules);
      return account.update((state) => {
        const secret = findLiveSecret(state, input.SecretName);
        if (customData && !secret.ecs) throw invalid('a Generic secret has none');
        const updated = {
          ...secret,
          updatedAt: clock.now().toISOString(),
          ...(description !== undefined && { description }),
          ...(customData && secret.ecs && { ecs: { ...secret.ecs, customData } }),
        };
        return { next: withSecret(state, updated), result: { SecretName: secret.name } };
      });
    },
  });
}

/** Either one JSON text, or one parameter a key as the newer SDKs send it (reference 1.7); a form that is not taken is let pass, as unknown parameters are. */
function readCustomData(
  all: ReadonlyMap<string, string>,
  { customDataTaken: taken }: Rules,
): Record<string, string> | undefined {
  const whole = taken === 'members' ? undefined : all.get(wholeName);
  const single = taken === 'text' ? [] : [...all].filter(([name]) => name.startsWith(`${wholeName}.`));
  if (whole === undefined && single.length === 0) return undefined;
  const parsed =
    whole === undefined
      ? CustomData.safeParse(
          Object.fromEntries(single.map(([name, value]) => [name.slice(wholeName.length + 1), value])),
        )
      : jsonText(CustomData).safeParse(whole);
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? '');
  return parsed.data;
}

function invalid(rule: string): ApiError {
  return new ApiError('InvalidParameter', `The specified parameter ${wholeName} is not valid: ${rule}.`);
}
