/** A refused admin call. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409,
    message: string,
  ) {
    super(message);
  }
}
