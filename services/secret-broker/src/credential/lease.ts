import type { GrantClaims } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Stage } from '../kms/kms.js';
import type { LeaseRequest, LeaseState } from './permitted-requests.js';
import { permissionFor } from './permitted-requests.js';
import type { Credential } from './secret-data.js';
import { wipeCredential } from './secret-data.js';

/** One version of the secret, read for one grant. */
export interface HeldVersion {
  readonly credential: Credential;
  readonly versionId: string;
  readonly stage: Stage;
  readonly kmsRequestId: string;
  readonly lastRotationAt?: Date;
}

/** The connection to the target that a credential was opened for. */
export interface TargetConnection {
  readonly hostKeyFingerprint: string;
  readonly sessionId: Buffer;
}

/** How a logon ended, as far as the broker knows. */
export type LogonEnd = 'accepted' | 'refused' | 'unknown';

/** What the broker holds for one grant between `prepare` and `release`. Lives in memory, for seconds. */
export class Lease {
  /** How often each request was admitted; those counted per version start anew with each. */
  readonly #admitted = new Map<LeaseRequest, number>();
  #state: LeaseState = 'prepared';
  #target: TargetConnection | undefined;
  #attempts = 1;
  #end: LogonEnd = 'unknown';
  #turn: Promise<unknown> = Promise.resolve();
  readonly #tried: Set<string>;

  constructor(
    readonly grant: GrantClaims,
    private held: HeldVersion,
  ) {
    this.#tried = new Set([held.versionId]);
  }

  get version(): HeldVersion {
    return this.held;
  }

  /** 1 for the first version that was released, up to 3. */
  get attempts(): number {
    return this.#attempts;
  }

  get triedVersionIds(): ReadonlySet<string> {
    return this.#tried;
  }

  /** Known once opened. */
  get target(): TargetConnection {
    if (!this.#target) throw notPrepared();
    return this.#target;
  }

  /** Runs requests one after the other, as they came. */
  takeTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Holds a request against the table of permitted ones and counts it.
   * @throws DomainError `credential.not-prepared`, `credential.exhausted`, `signature.refused`
   */
  admit(request: LeaseRequest): void {
    const { from, to, atMost, kinds } = permissionFor(request);
    if (!from.includes(this.#state)) throw notPrepared();
    const before = this.#admitted.get(request) ?? 0;
    if (before >= atMost) throw new DomainError('credential.exhausted', `${request}: the grant permits no more`);
    if (!kinds.includes(this.held.credential.kind)) {
      throw new DomainError('signature.refused', 'the secret of this grant is no key');
    }
    this.#admitted.set(request, before + 1);
    this.#state = to;
  }

  /**
   * For after every wait: the time of the lease may have run out meanwhile.
   * @throws DomainError `credential.not-prepared` it is over
   */
  demandAlive(): void {
    if (this.#state === 'unknown') throw notPrepared();
  }

  bindTo(target: TargetConnection): void {
    this.#target = target;
  }

  /** The target refused the version that was released; it is the end of the logon unless something better is told. */
  noteRefusal(): void {
    this.#end = 'refused';
  }

  /** Takes another version in the place of the one that the target refused. */
  replace(version: HeldVersion): void {
    wipeCredential(this.held.credential);
    this.held = version;
    this.#tried.add(version.versionId);
    this.#attempts += 1;
    for (const request of this.#admitted.keys()) {
      if (permissionFor(request).per === 'version') this.#admitted.delete(request);
    }
  }

  get end(): LogonEnd {
    return this.#end;
  }

  /** Wipes what it holds; every later request finds nothing. May be called again. @param end as session tells it, where it does */
  over(end: LogonEnd = this.#end): void {
    this.#end = end;
    this.#state = 'unknown';
    wipeCredential(this.held.credential);
  }
}

export function notPrepared(): DomainError {
  return new DomainError('credential.not-prepared', 'no credential is held for this grant in this state');
}
