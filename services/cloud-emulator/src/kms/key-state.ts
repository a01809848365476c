import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { omit } from '../omit.js';
import { findKey, withKey } from './find-key.js';
import type { KmsKey } from './key.js';
import type { KmsContext } from './kms-context.js';
import { wholeNumber } from './parameters.js';

const dayMs = 86_400_000;
const KeyId = z.string().max(256);

/** EnableKey, DisableKey, ScheduleKeyDeletion (7 to 366 days), CancelKeyDeletion. */
export function keyStateOperations({ clock }: KmsContext): Operation[] {
  return [
    change('EnableKey', (key) => ({ ...live(key), state: 'Enabled' })),
    change('DisableKey', (key) => ({ ...live(key), state: 'Disabled' })),
    change('CancelKeyDeletion', (key) => {
      if (key.state !== 'PendingDeletion') throw wrongState('The key is not scheduled for deletion.');
      return { ...omit(key, 'deletedAt'), state: 'Enabled' };
    }),
    defineOperation({
      product: 'kms',
      action: 'ScheduleKeyDeletion',
      quota: 'change',
      parameters: z.object({ KeyId, PendingWindowInDays: wholeNumber(7, 366) }),
      run: (input, { account }) =>
        account.update((state) => {
          const key = live(findKey(state, input.KeyId));
          const deletedAt = new Date(clock.now().getTime() + input.PendingWindowInDays * dayMs).toISOString();
          return { next: withKey(state, { ...key, state: 'PendingDeletion', deletedAt }), result: {} };
        }),
    }),
  ];
}

/** When a key in its deletion window is gone, as the API writes it. */
export function keyDeletionFact({ deletedAt }: KmsKey): object {
  return deletedAt === undefined ? {} : { DeleteDate: apiTime(new Date(deletedAt)) };
}

function change(action: string, changed: (key: KmsKey) => KmsKey): Operation {
  return defineOperation({
    product: 'kms',
    action,
    quota: 'change',
    parameters: z.object({ KeyId }),
    run: (input, { account }) =>
      account.update((state) => ({ next: withKey(state, changed(findKey(state, input.KeyId))), result: {} })),
  });
}

function live(key: KmsKey): KmsKey {
  if (key.state === 'PendingDeletion') {
    throw new ApiError('Rejected.PendingDeletion', 'The key is scheduled for deletion.');
  }
  return key;
}

function wrongState(message: string): ApiError {
  return new ApiError('Rejected.StateModifiedFailed', message);
}
