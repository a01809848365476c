/** Which rule the input broke. Fixed words only: nothing of the input is ever part of it. */
export type SshFormatRule =
  | 'truncated'
  | 'too-long'
  | 'trailing-bytes'
  | 'bad-text'
  | 'bad-number'
  | 'bad-base64'
  | 'bad-line'
  | 'bad-pem'
  | 'bad-key'
  | 'weak-key'
  | 'bad-certificate'
  | 'unknown-key-type'
  | 'unknown-key-format'
  | 'encrypted-key'
  | 'key-pair-mismatch'
  | 'not-a-userauth-request'
  | 'algorithm-mismatch'
  | 'key-wiped';

/**
 * Bytes or text are not what they claim to be. The only error that this library throws on hostile input.
 * Its message and its rule hold nothing of the input, so both may be logged and shown; it never has a `cause`.
 */
export class SshFormatError extends Error {
  override readonly name = 'SshFormatError';

  constructor(
    readonly rule: SshFormatRule,
    message: string,
  ) {
    super(message);
  }
}
