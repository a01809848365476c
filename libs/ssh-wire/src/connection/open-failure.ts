/** RFC 4254 section 5.1; a peer may send other numbers, which are kept. */
export const OpenFailureReason = {
  administrativelyProhibited: 1,
  connectFailed: 2,
  unknownChannelType: 3,
  resourceShortage: 4,
} as const;

/** A channel that the other side did not open, with the reason code it gave. */
export class ChannelOpenFailure extends Error {
  override readonly name = 'ChannelOpenFailure';

  constructor(
    readonly reason: number,
    /** The other side's text; may be empty. */
    readonly description: string,
  ) {
    super(`the channel was not opened (reason ${reason}): ${description}`);
  }
}
