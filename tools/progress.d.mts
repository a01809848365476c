/** A problem that a person can solve: shown as its message alone, without a stack. */
export class Failure extends Error {
  constructor(message: string, more?: { details?: string; cause?: unknown });
  /** What a failed command printed. */
  readonly details: string;
}
/** Says what is being done, does it, and says how long it took. */
export function step<T>(title: string, work: () => T | Promise<T>): Promise<T>;
/** A line of its own, also in the middle of a step. */
export function say(text: string): void;
/** Runs a command's main function; an error becomes one sentence and exit code 1. */
export function runMain(main: () => void | Promise<void>): Promise<void>;
