import type { ChannelRequest } from './channel-request.js';

/** What flows in on a channel, in the order in which it was sent. */
export type ChannelEvent =
  | { readonly kind: 'data'; readonly bytes: Buffer; readonly stderr: boolean }
  | { readonly kind: 'eof' }
  /** `exit-status` or `exit-signal`: they mean nothing before the last byte, so they keep their place in the flow. */
  | { readonly kind: 'exit'; readonly request: ChannelRequest };

/** Above this many entries, what waits of standard output and of standard error is joined past what waits of the other. */
const JOIN_ACROSS = 1_024;
/** What was joined is no longer than this. */
const JOINED_BYTES = 32_768;

/**
 * A flood of tiny messages that wait must not take much more memory than their bytes. Each stream keeps its order; that
 * between standard output and standard error is given up when very many pieces wait.
 */
export function joinSmall(waiting: ChannelEvent[], next: ChannelEvent): boolean {
  const at = waiting.length - 1;
  return joinTo(waiting, at, next) || (waiting.length > JOIN_ACROSS && joinTo(waiting, at - 1, next));
}

function joinTo(waiting: ChannelEvent[], at: number, next: ChannelEvent): boolean {
  const last = waiting[at];
  if (last?.kind !== 'data' || next.kind !== 'data' || last.stderr !== next.stderr) return false;
  if (last.bytes.length + next.bytes.length > JOINED_BYTES) return false;
  waiting[at] = { ...last, bytes: Buffer.concat([last.bytes, next.bytes]) };
  return true;
}
