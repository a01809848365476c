/** An event on its way to a receiver. */
export interface Outgoing {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly time: string;
  /** The stored text, with its sequence as last field. */
  readonly json: string;
}

/** Port: one way to a receiver, for as long as it is sent to. */
export abstract class Channel {
  /** Resolves when the receiver has taken it, as far as it can say so. @throws DeliveryError */
  abstract send(event: Outgoing): Promise<void>;
  close(): void {
    // most have nothing open between two events
  }
}
