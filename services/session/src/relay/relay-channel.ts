import { readRequest } from '@sallyport/ssh-wire';
import type { Channel, ChannelRequest, IncomingRequest, RequestMeaning } from '@sallyport/ssh-wire';
import { untapped } from './channel-tap.js';
import type { ChannelTap, TapEnds } from './channel-tap.js';
import { endWithLine } from './end-with-line.js';
import { HeldExit } from './held-exit.js';
import { ruleForTarget } from './request-rules.js';
import type { RequestRule } from './request-rules.js';
import { readScpCommand } from './scp/scp-command.js';

/** The client's end of a relay: a channel, or what stands in for one. */
export type ClientEnd = Pick<
  Channel,
  'incoming' | 'requests' | 'write' | 'sendEof' | 'request' | 'pass' | 'close' | 'closed'
> &
  Partial<Pick<Channel, 'room'>>;

/** What a client wants to start on a channel. */
export interface Start {
  /** `scp`: a command that is plainly legacy scp. */
  readonly kind: 'shell' | 'exec' | 'subsystem' | 'sftp' | 'scp';
  /** The command, or the name of a subsystem that is not sftp. */
  readonly command?: string;
  readonly terminal: boolean;
}

/** Whoever must know what goes on. */
export interface RelayObserver {
  /** What the client's requests become before anybody else looks at them. */
  requests(asked: AsyncIterable<IncomingRequest>): AsyncIterable<IncomingRequest>;
  /** Whether the target may see a request. What a start needs beside is for `starting`. */
  judge(name: string, meaning: RequestMeaning): RequestRule;
  /** Before the target hears of a start. A rejection means that it never does, and that the user is told why. */
  starting(start: Start): Promise<void>;
  /** Who looks at the data, now that a start is recorded. */
  tap(start: Start, ends: TapEnds): ChannelTap;
  /** The one line for a user. */
  explain(error: unknown): string;
  /** A request of the client was refused by a rule. */
  refused(name: string, reason: string): void;
  /** The target sent data for the first time. */
  firstByte(): void;
  /** Data came, from either side. */
  active(): void;
}

/** What there is to say of a channel when it is over. */
export interface ChannelSummary {
  exitStatus?: number;
  exitSignal?: string;
  bytesUp: number;
  bytesDown: number;
}

/** After the client has closed, how long what it sent before may take to reach a target that does not read. */
const CLOSE_GRACE_MS = 5_000;

/**
 * Joins a channel of the client with one of the target until both are closed. Per direction there is one loop that takes
 * what came, in order, and waits until the other side has taken it: a slow reader slows the sender, and an exit status
 * never overtakes the last byte. Requests go beside the data, but data waits for the start that it belongs to.
 */
export async function relayChannel(
  client: ClientEnd,
  target: Channel,
  observer: RelayObserver,
): Promise<ChannelSummary> {
  const summary: ChannelSummary = { bytesUp: 0, bytesDown: 0 };
  const ends: TapEnds = { client, target };
  let tap = untapped(ends);
  /** A client may send before it knows that its start is refused: that is for nobody. */
  let running = false;
  let requests = Promise.resolve();
  const started = new Promise<void>((resolve) => {
    requests = forwardRequests(client, target, observer, (start) => {
      tap = observer.tap(start, ends);
      running = true;
      resolve();
    });
    void client.closed.then(resolve);
  });
  let grace: NodeJS.Timeout | undefined;
  void client.closed.then(() => {
    grace = setTimeout(() => {
      target.close();
    }, CLOSE_GRACE_MS);
  });
  let broken = false;
  const passing = async (pass: () => Promise<void>): Promise<void> => {
    if (broken) return;
    try {
      await pass();
    } catch (error) {
      broken = true;
      target.close();
      await endWithLine(client, observer.explain(error), false);
    }
  };
  const up = async (): Promise<void> => {
    await started;
    await pump(client, target, {
      onData: (bytes) => {
        if (!running) return Promise.resolve();
        observer.active();
        summary.bytesUp += bytes.length;
        return passing(() => tap.up(bytes));
      },
      onEnd: () => {
        tap.ended('up');
      },
    });
  };
  const down = pump(target, client, {
    onData: (bytes) => {
      countDown(bytes);
      return passing(() => tap.down(bytes));
    },
    onStderr: async (bytes) => {
      countDown(bytes);
      await tap.stderr?.(bytes);
    },
    onEnd: () => {
      tap.ended('down');
    },
    onExit: (request) => Object.assign(summary, readExit(request)),
  });
  function countDown(bytes: Buffer): void {
    observer.active();
    if (summary.bytesDown === 0) observer.firstByte();
    summary.bytesDown += bytes.length;
  }
  await Promise.all([requests, answerRequests(target, client), up(), down]);
  tap.end();
  clearTimeout(grace);
  return summary;
}

/** What happens along one direction. */
interface Way {
  /** Passes data on. */
  onData(bytes: Buffer): Promise<void>;
  onStderr?(bytes: Buffer): Promise<void>;
  /** No more data will come; more than once. */
  onEnd(): void;
  onExit?(request: ChannelRequest): void;
}

/** One direction, to its end. */
async function pump(from: ClientEnd, to: ClientEnd, way: Way): Promise<void> {
  const exit = new HeldExit(to);
  for await (const event of from.incoming()) {
    switch (event.kind) {
      case 'data':
        exit.wait();
        if (event.stderr) {
          await way.onStderr?.(event.bytes);
          await to.write(event.bytes, true);
        } else await way.onData(event.bytes);
        break;
      case 'eof':
        way.onEnd();
        exit.release();
        to.sendEof();
        break;
      case 'exit':
        way.onExit?.(event.request);
        exit.hold(event.request);
    }
  }
  way.onEnd();
  exit.release();
  to.close();
}

/** The client's requests: judged, and the target's answer given back, in order. */
async function forwardRequests(
  client: ClientEnd,
  target: Channel,
  observer: RelayObserver,
  started: (start: Start) => void,
): Promise<void> {
  let terminal = false;
  let running = false;
  for await (const request of observer.requests(client.requests())) {
    await target.room();
    const meaning = understand(request);
    const rule = observer.judge(request.name, meaning);
    if (rule.kind === 'refuse') {
      request.reply(false);
      observer.refused(request.name, rule.reason);
      continue;
    }
    terminal ||= meaning.kind === 'terminal';
    const start = startOf(meaning, terminal);
    if (!start) {
      target.pass(request);
    } else if (running) {
      // A second start must not change who looks at the data of the first.
      request.reply(false);
      observer.refused(request.name, 'something runs on this channel already');
    } else if (await permitted(client, request, start, observer)) {
      running = true;
      started(start);
      target.pass({
        ...request,
        reply: (success) => {
          running = success;
          request.reply(success);
        },
      });
    }
  }
}

async function permitted(
  client: ClientEnd,
  request: IncomingRequest,
  start: Start,
  observer: RelayObserver,
): Promise<boolean> {
  try {
    await observer.starting(start);
    return true;
  } catch (error) {
    request.reply(true);
    void endWithLine(client, observer.explain(error), start.terminal);
    return false;
  }
}

async function answerRequests(target: Channel, client: ClientEnd): Promise<void> {
  for await (const request of target.requests()) {
    await client.room?.();
    if (ruleForTarget(request.name).kind === 'pass') client.pass(request);
    else request.reply(false);
  }
}

function startOf(meaning: RequestMeaning, terminal: boolean): Start | undefined {
  switch (meaning.kind) {
    case 'shell':
      return { kind: 'shell', terminal };
    case 'exec': {
      const plainScp = !terminal && readScpCommand(meaning.command) !== undefined;
      return { kind: plainScp ? 'scp' : 'exec', command: meaning.command, terminal };
    }
    case 'subsystem':
      if (meaning.subsystem === 'sftp') return { kind: 'sftp', terminal };
      return { kind: 'subsystem', command: meaning.subsystem, terminal };
    default:
      return undefined;
  }
}

/** A request that is malformed is one that nobody knows. */
function understand(request: ChannelRequest): RequestMeaning {
  try {
    return readRequest(request);
  } catch {
    return { kind: 'other' };
  }
}

function readExit(request: ChannelRequest): Partial<ChannelSummary> {
  const exit = understand(request);
  if (exit.kind === 'exit-status') return { exitStatus: exit.status };
  return exit.kind === 'exit-signal' ? { exitSignal: exit.signal.slice(0, 64) } : {};
}
