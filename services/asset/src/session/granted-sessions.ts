import type { AccountId, CertificateClaims, HostId, SessionId, UserId } from '@sallyport/contracts';

/** What a session stands on, from the grant that `asset` signed for it. */
export interface GrantedSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly hostId: HostId;
  readonly accountId: AccountId;
  /** Of the key that the user logged on with. */
  readonly fingerprint?: string | undefined;
  /** What said that this key is good for the user, where it is not one of the user's own. */
  readonly certificate?: CertificateClaims | undefined;
}

/** Port: whose sessions are. A session process that was taken over cannot say otherwise. */
export abstract class GrantedSessions {
  /** @returns false when the session is another user's: then nothing was changed */
  abstract add(session: GrantedSession, now: Date): Promise<boolean>;
  abstract of(sessionIds: readonly SessionId[]): Promise<GrantedSession[]>;
}
