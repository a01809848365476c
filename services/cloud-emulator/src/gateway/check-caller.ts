import type { Clock } from '../clock.js';
import type { Caller } from '../ram/principal.js';
import { ApiError } from './api-error.js';
import type { KeyRing } from './key-ring.js';
import { NonceStore } from './nonce-store.js';
import type { SignedCall } from './signed-call.js';

/** The caller's time may be this far from ours, either way. */
const timeWindowMs = 15 * 60_000;

/** Proves who sent a call: known key, time, signature, nonce, in this order (reference section 9, point 3). */
export class CallerCheck {
  /** A call may be dated 15 minutes ahead, and stays in the window for 15 more. */
  readonly #nonces = new NonceStore(2 * timeWindowMs);

  /**
   * @param echoStringToSign whether a wrong signature is answered with the text that was to be signed, as the real
   *   gateway does; with HMAC-SHA1 that text holds every parameter, so it is off unless a test wants it
   */
  constructor(
    private readonly keyRing: KeyRing,
    private readonly clock: Clock,
    private readonly echoStringToSign: () => boolean,
  ) {}

  /** @throws ApiError with the code of the first check that fails */
  check(call: SignedCall): Caller {
    const now = this.clock.now();
    const key = this.keyRing.find(call.accessKeyId, call.securityToken, now);
    if (Math.abs(parseTimestamp(call.timestamp).getTime() - now.getTime()) > timeWindowMs) {
      throw timeOff();
    }
    if (!call.verify(key.accessKeySecret)) {
      throw wrongSignature(this.echoStringToSign() ? call.stringToSign : undefined);
    }
    if (!this.#nonces.use(call.accessKeyId, call.nonce, now)) {
      throw new ApiError('SignatureNonceUsed', 'Specified signature nonce was used already.');
    }
    return key.caller;
  }
}

/** KMS and the gateway in front of it have a code of their own each. */
export function timeOff(): ApiError {
  return new ApiError('InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.', {
    situation: 'time-off',
  });
}

/** @param echo the text that was to be signed, when it is to be told */
export function wrongSignature(echo: string | undefined): ApiError {
  const told = echo === undefined ? '' : ` server string to sign is:${echo}`;
  return new ApiError('SignatureDoesNotMatch', `Specified signature is not matched with our calculation.${told}`, {
    situation: 'wrong-signature',
  });
}

/** `YYYY-MM-DDThh:mm:ssZ`. */
function parseTimestamp(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || Number.isNaN(time.getTime())) {
    throw new ApiError('InvalidTimeStamp.Format', 'Specified time stamp or date value is not well formatted.');
  }
  return time;
}
