import type { BenchOptions } from './options.js';

/** What the session service lets in unless told. */
const USUAL_SESSIONS = 2_000;
/** Beside those that are held open: the logons that are timed, and those that have just left. */
const SPARE_SESSIONS = 200;

/** For the Sallyport that is started: what the options choose, and place for all the sessions that they open. */
export function stackEnvironment(options: BenchOptions): Record<string, string | undefined> {
  const text = (value: number | undefined): string | undefined => value?.toString();
  const sessions = options.idleSessions + options.busySessions + SPARE_SESSIONS;
  return {
    SALLYPORT_PROFILE: options.profile,
    SESSION_PROCESSES: text(options.processes),
    SESSION_WINDOW_BYTES: text(options.windowBytes),
    SESSION_PACKET_BYTES: text(options.packetBytes),
    SESSION_MAX_SESSIONS: sessions > USUAL_SESSIONS ? text(sessions) : undefined,
  };
}
