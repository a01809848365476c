/** What a client or a target sent is not the protocol that the channel was opened for. The message says what is wrong. */
export class MalformedTransfer extends Error {
  override readonly name = 'MalformedTransfer';
}
