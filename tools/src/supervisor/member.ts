/** A process, or several that are one thing, that runs until it is stopped and can be started again in its place. */
export interface Member {
  readonly name: string;
  /**
   * Starts it, and returns when it is ready. May be called again after it has ended.
   * @throws Error when it does not become ready; nothing of it runs then
   */
  start(): Promise<void>;
  /** Settles with a few words on how it ended, whoever ended it; asked anew after each start. */
  ended(): Promise<string>;
  /** Ends it, in the end by force. Does nothing when it has ended. */
  stop(): Promise<void>;
}
