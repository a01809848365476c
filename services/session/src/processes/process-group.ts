import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import type { Logger } from '@sallyport/telemetry';
import { Ready, Sessions, type Elsewhere, type End } from './orders.js';

interface Slot {
  worker: Worker;
  /** Once it is ready. */
  healthPort: number | undefined;
  sessions: number;
}

interface Exit {
  /** Whether it ever was. */
  ready: boolean;
  code: number | null;
  signal: string | null;
}

/** So that one that cannot run does not take the time of those that can. */
const REPLACE_AFTER_MS = 1_000;

/**
 * Session processes behind one port: this process accepts connections and hands them over in turn (`node:cluster`), and does
 * nothing else. One that dies is replaced; its sessions are lost, and the others' go on. When this one dies, all end.
 */
export class ProcessGroup {
  readonly #slots: (Slot | undefined)[];
  /** Whether any ever was ready: before that, one that ends takes the whole with it, since all have the same settings. */
  #proved = false;
  #stopping = false;
  #failed = false;
  #tellEnded: () => void = () => undefined;
  /** Settles when the last process has ended, after `stop` or a failed start. @returns whether all ended well */
  readonly ended: Promise<boolean>;

  constructor(
    size: number,
    private readonly log: Logger,
  ) {
    this.#slots = Array.from({ length: size }, () => undefined);
    this.ended = new Promise((resolve) => {
      this.#tellEnded = () => {
        resolve(!this.#failed);
      };
    });
  }

  start(): void {
    for (const number of this.#slots.keys()) this.#fork(number);
  }

  /** Of each process, by its number from 1 on; undefined while it is not ready. */
  get healthPorts(): ReadonlyMap<string, number | undefined> {
    return new Map(this.#slots.map((slot, number) => [String(number + 1), slot?.healthPort]));
  }

  /** Tells every process to end; they drain. A second time they end at once. */
  stop(why: string): void {
    this.#stopping = true;
    for (const slot of this.#slots) if (slot) tellToEnd(slot, why);
    this.#lookForEnd();
  }

  #fork(number: number): void {
    if (this.#stopping) return;
    // Its own port for health, which nobody else needs to know.
    const worker = cluster.fork({ SALLYPORT_HEALTH_PORT: '0', SALLYPORT_HEALTH_PORT_FILE: '' });
    const slot: Slot = { worker, healthPort: undefined, sessions: 0 };
    this.#slots[number] = slot;
    worker.on('message', (message: unknown) => {
      const [ready, sessions] = [Ready.safeParse(message), Sessions.safeParse(message)];
      if (ready.success) {
        slot.healthPort = ready.data.healthPort;
        this.#proved = true;
      }
      if (sessions.success) slot.sessions = sessions.data.sessions;
      this.#tellSessions();
    });
    worker.once('exit', (code, signal) => {
      this.#slots[number] = undefined;
      this.#tellSessions();
      this.#onExit(number, { ready: slot.healthPort !== undefined, code, signal });
    });
  }

  #onExit(number: number, { ready, ...how }: Exit): void {
    if (this.#stopping) this.#failed ||= ready && how.code !== 0;
    else if (this.#proved) {
      this.log.error({ process: number + 1, ...how }, 'a session process died; another takes its place');
      setTimeout(() => {
        this.#fork(number);
      }, REPLACE_AFTER_MS);
    } else {
      this.#failed = true;
      this.stop('a session process cannot start');
    }
    this.#lookForEnd();
  }

  /** To each, what all others have. */
  #tellSessions(): void {
    const slots = this.#slots.filter((slot) => slot !== undefined);
    const all = slots.reduce((sum, { sessions }) => sum + sessions, 0);
    for (const { worker, sessions } of slots)
      if (worker.isConnected()) worker.send({ elsewhere: all - sessions } satisfies Elsewhere);
  }

  #lookForEnd(): void {
    if (this.#stopping && this.#slots.every((slot) => slot === undefined)) this.#tellEnded();
  }
}

/** One that is not ready has nobody to drain, and listens to nobody; one that has just died cannot be told, and need not be. */
function tellToEnd({ worker, healthPort }: Slot, why: string): void {
  if (healthPort === undefined) worker.process.kill('SIGKILL');
  else if (worker.isConnected()) worker.send({ end: why } satisfies End);
}
