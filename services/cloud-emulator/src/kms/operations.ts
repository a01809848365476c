import type { Operation } from '../gateway/operation.js';
import { createSecret } from './create-secret.js';
import { getSecretValue } from './get-secret-value.js';
import type { KmsContext } from './kms-context.js';
import { rotateSecret } from './rotate-secret.js';

/** The operations of KMS that the emulator has. */
export function kmsOperations(context: KmsContext): Operation[] {
  return [createSecret(context), getSecretValue(context), rotateSecret(context)];
}
