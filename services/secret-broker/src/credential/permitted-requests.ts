import {
  OpenCredentialV1,
  PrepareCredentialV1,
  RefreshCredentialV1,
  ReleaseCredentialV1,
  SignUserauthV1,
} from '@sallyport/contracts';
import type { CredentialKind, RequestContract, ServiceName } from '@sallyport/contracts';

/** Where a grant stands. `unknown`: not prepared here, or over. `prepared`: the value is read. `opened`: it may be used. */
export type LeaseState = 'unknown' | 'prepared' | 'opened';

interface Permission {
  readonly contract: RequestContract;
  /** Who may ask. The NATS server holds everybody else off: its permissions are made of the contract's callers. */
  readonly caller: ServiceName;
  /** The only states in which the request is taken. */
  readonly from: readonly LeaseState[];
  readonly to: LeaseState;
  /** How often in all, or for each version of the secret that was released. */
  readonly atMost: number;
  readonly per: 'grant' | 'version';
  readonly kinds: readonly CredentialKind[];
}

const both = ['password', 'ssh-key'] as const;

/**
 * All that the broker does with a credential: for whom, in which state, and how often; whatever is not here is refused, recorded
 * and counted, and after a refusal the grant is over. In the manner of the table in OpenSSH's monitor.c.
 */
export const permittedRequests = {
  /** Once in the life of a grant, on all replicas together: see OnceRegistry. */
  prepare: {
    contract: PrepareCredentialV1,
    caller: 'session',
    from: ['unknown'],
    to: 'prepared',
    atMost: 1,
    per: 'grant',
    kinds: both,
  },
  open: {
    contract: OpenCredentialV1,
    caller: 'session',
    from: ['prepared'],
    to: 'opened',
    atMost: 1,
    per: 'grant',
    kinds: both,
  },
  /** Twice, since some clients sign again with the second algorithm of an RSA key. */
  sign: {
    contract: SignUserauthV1,
    caller: 'session',
    from: ['opened'],
    to: 'opened',
    atMost: 2,
    per: 'version',
    kinds: ['ssh-key'],
  },
  /** Three attempts at the target in all. */
  refresh: {
    contract: RefreshCredentialV1,
    caller: 'session',
    from: ['opened'],
    to: 'opened',
    atMost: 2,
    per: 'grant',
    kinds: both,
  },
  release: {
    contract: ReleaseCredentialV1,
    caller: 'session',
    from: ['unknown', 'prepared', 'opened'],
    to: 'unknown',
    atMost: Infinity,
    per: 'grant',
    kinds: both,
  },
} as const satisfies Record<string, Permission>;

export type CredentialRequest = keyof typeof permittedRequests;

/** The row of a contract; undefined for one that is not about a credential. */
export function requestOf(contract: RequestContract): CredentialRequest | undefined {
  const rows = Object.entries(permittedRequests) as [CredentialRequest, Permission][];
  return rows.find(([, row]) => row.contract.subject === contract.subject)?.[0];
}

/** Requests to a credential that is held. */
export type LeaseRequest = 'open' | 'sign' | 'refresh';

/** The table's row as the rule reads it. */
export function permissionFor(request: LeaseRequest): Permission {
  return permittedRequests[request];
}
