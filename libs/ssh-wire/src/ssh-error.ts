/**
 * - `closed`: the connection ended before the answer
 * - `timeout`: a deadline passed
 * - `protocol`: the peer broke a rule of the RFCs
 * - `handshake`: no key exchange, for example no common algorithm
 * - `host-key`: the caller's verifier refused the peer's host key
 * - `refused`: the peer refused every credential that was tried
 */
export type SshErrorKind = 'closed' | 'timeout' | 'protocol' | 'handshake' | 'host-key' | 'refused';

/** Why an SSH connection, or a step on it, failed. The message holds nothing secret; it may quote the peer. */
export class SshError extends Error {
  override readonly name = 'SshError';

  constructor(
    readonly kind: SshErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
