/** A person wonders after so long. */
const TELL_AFTER_MS = 1_000;

/** What a logon waits for: the broker to have a credential, or another one in the place of one that the host refused. */
export type WaitFor = 'credential' | 'other-credential';

/** Tells, once, that something takes longer than a person would expect. */
export class LongWait {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: () => void) {}

  /** Begins to wait; does nothing when it has begun. */
  begin(): void {
    this.#timer ??= setTimeout(this.tell, TELL_AFTER_MS);
  }

  /** It is over; there is nothing to tell any more. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
