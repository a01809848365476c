import { ApiError } from '../gateway/api-error.js';
import type { Situation } from '../gateway/situation.js';
import type { AccountState } from '../state/state.js';
import type { SecretRecord } from './secret.js';

type State = Readonly<AccountState>;

export function secretArn({ regionId, accountId }: State, name: string): string {
  return `acs:kms:${regionId}:${accountId}:secret/${name}`;
}

/**
 * @param nameOrArn of a secret; one in its deletion window is found too
 * @throws ApiError `Forbidden.ResourceNotFound`
 */
export function findSecret(state: State, nameOrArn: string): SecretRecord {
  const prefix = secretArn(state, '');
  const name = nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn;
  const secret = state.secrets.find((one) => one.name === name);
  if (!secret) throw new ApiError('Forbidden.ResourceNotFound', 'Resource not found.');
  return secret;
}

/**
 * A secret that is not in its deletion window.
 * @throws ApiError `Forbidden.ResourceNotFound`, `Rejected.ResourceInDeleteWindow`
 */
export function findLiveSecret(state: State, nameOrArn: string): SecretRecord {
  const secret = findSecret(state, nameOrArn);
  if (secret.plannedDeleteAt !== undefined) throw inDeleteWindow();
  return secret;
}

/** The same, for reading: the code is by analogy. */
export function findReadableSecret(state: State, nameOrArn: string): SecretRecord {
  const secret = findSecret(state, nameOrArn);
  if (secret.plannedDeleteAt !== undefined) throw inDeleteWindow('read-in-delete-window');
  return secret;
}

function inDeleteWindow(situation?: Situation): ApiError {
  return new ApiError('Rejected.ResourceInDeleteWindow', 'The secret is scheduled for deletion.', {
    ...(situation && { situation }),
  });
}

/** The secrets with one of them changed. */
export function withSecret(state: State, changed: SecretRecord): Pick<AccountState, 'secrets'> {
  return { secrets: state.secrets.map((one) => (one.name === changed.name ? changed : one)) };
}
