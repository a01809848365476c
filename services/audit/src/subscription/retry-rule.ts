const minute = 60_000;
const hour = 60 * minute;
/** After the first failure, the second, and so on; then each hour. */
const pausesMs = [1_000, 5_000, 30_000, 2 * minute, 10 * minute, 30 * minute, hour];
/** An event is tried for this long; then it is a dead letter, and the next one's turn comes. */
const triedForMs = 24 * hour;
/** An event that the receiver calls wrong is tried this often: trying longer would hold up all others. */
const triesOfRefused = 3;

/** What went wrong when an event was sent. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /**
   * @param message for auditors; holds nothing that the receiver said but its status
   * @param refused the receiver is there, and says that this very event is wrong
   */
  constructor(
    message: string,
    readonly refused = false,
  ) {
    super(message);
  }
}

/**
 * When an event is tried again; undefined: no more.
 * @param failures so far, this one included
 * @param random from 0 up to 1: receivers that failed together are not tried together
 */
export function nextTry(
  failed: { error: DeliveryError; failures: number; failingSince: Date },
  now: Date,
  random = Math.random(),
): Date | undefined {
  const { error, failures, failingSince } = failed;
  if (error.refused && failures >= triesOfRefused) return undefined;
  const pause = (error.refused ? 1_000 : (pausesMs[failures - 1] ?? hour)) * (0.8 + 0.4 * random);
  const at = new Date(now.getTime() + pause);
  return at.getTime() - failingSince.getTime() > triedForMs ? undefined : at;
}
