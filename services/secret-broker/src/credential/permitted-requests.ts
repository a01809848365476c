import type { CredentialKind } from '@sallyport/contracts';

/** Where a grant stands. `unknown`: not prepared here, or over. `prepared`: the value is read. `opened`: it may be used. */
export type LeaseState = 'unknown' | 'prepared' | 'opened';

interface Permission {
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
 * All that the broker does with a credential, in which state, and how often; whatever is not here is refused, and after a
 * refusal the grant is over. In the manner of the table in OpenSSH's monitor.c.
 */
export const permittedRequests = {
  /** Once in the life of a grant, on all replicas together: see OnceRegistry. */
  prepare: { from: ['unknown'], to: 'prepared', atMost: 1, per: 'grant', kinds: both },
  open: { from: ['prepared'], to: 'opened', atMost: 1, per: 'grant', kinds: both },
  /** Twice, since some clients sign again with the second algorithm of an RSA key. */
  sign: { from: ['opened'], to: 'opened', atMost: 2, per: 'version', kinds: ['ssh-key'] },
  /** Three attempts at the target in all. */
  refresh: { from: ['opened'], to: 'opened', atMost: 2, per: 'grant', kinds: both },
  release: { from: ['unknown', 'prepared', 'opened'], to: 'unknown', atMost: Infinity, per: 'grant', kinds: both },
} as const satisfies Record<string, Permission>;

/** Requests to a credential that is held. */
export type LeaseRequest = 'open' | 'sign' | 'refresh';

/** The table's row as the rule reads it. */
export function permissionFor(request: LeaseRequest): Permission {
  return permittedRequests[request];
}
