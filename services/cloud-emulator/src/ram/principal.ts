import type { IdentityPolicy } from './policy.js';

/** Who calls: the account itself, a RAM user, or a session of a RAM role. */
export interface Principal {
  /** 16 digits. */
  readonly accountId: string;
  readonly kind: 'root' | 'user' | 'role';
  /** Of the user or role; empty for the account itself. */
  readonly name: string;
}

/** A principal, with what limits its credentials themselves bring. */
export interface Caller {
  readonly principal: Principal;
  /** Given to AssumeRole; then both this and the role's policies have to allow. */
  readonly sessionPolicy?: IdentityPolicy;
}

/** As policies name it: `acs:ram::<account>:root`, `…:user/<name>`, `…:role/<name>`. */
export function principalArn({ accountId, kind, name }: Principal): string {
  return kind === 'root' ? `acs:ram::${accountId}:root` : `acs:ram::${accountId}:${kind}/${name}`;
}
