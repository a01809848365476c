import { say } from '../progress.mjs';

/** Starts everything on this machine and stays until it is told to end. */
export function start(): Promise<void> {
  say('nothing yet');
  return Promise.resolve();
}
