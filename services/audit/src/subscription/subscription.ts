import type { DeadLetter, Sealed, Subscription, SubscriptionFilter } from '@sallyport/contracts';

/** A receiver, as it is kept. */
export interface Receiver {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly filter: SubscriptionFilter;
  /** Of a webhook. */
  readonly secret: Sealed | undefined;
  readonly position: number;
  readonly failures: number;
  readonly failingSince: Date | undefined;
}

/** Where a receiver stands after something was sent, or was not. */
export interface Progress {
  readonly position: number;
  readonly failures: number;
  readonly failingSince: Date | undefined;
  readonly retryAt: Date | undefined;
  readonly lastError: string | undefined;
}

export interface NewReceiver {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly filter: SubscriptionFilter;
  readonly secret: Sealed | undefined;
  readonly position: number;
}

/** Port: receivers, their progress, and their dead letters. */
export abstract class Receivers {
  /** @throws DomainError `subscription.exists` */
  abstract add(receiver: NewReceiver): Promise<void>;
  abstract list(): Promise<Subscription[]>;
  abstract get(id: string): Promise<Subscription | undefined>;
  abstract update(id: string, changes: { status?: string | undefined; position?: number | undefined }): Promise<void>;
  abstract remove(id: string): Promise<void>;
  abstract deadLetters(id: string, after: number, limit: number): Promise<DeadLetter[]>;
  /** @returns how many there are */
  abstract retryDeadLetters(id: string): Promise<number>;

  /** Active receivers that are due, taken for this replica for a time; each is sent to by one replica at a time. */
  abstract take(sender: string, forMs: number): Promise<Receiver[]>;
  /** Keeps a receiver that was taken. False: it is another's now, paused, set elsewhere or gone; send nothing more. */
  abstract keep(sender: string, id: string, from: number, progress: Progress, forMs: number): Promise<boolean>;
  abstract release(sender: string): Promise<void>;
  abstract bury(id: string, event: { sequence: number; eventId: string; error: string }): Promise<void>;
  /** Dead letters that are to be sent once more. */
  abstract toRetry(id: string, limit: number): Promise<number[]>;
  abstract revive(id: string, sequence: number): Promise<void>;
}
