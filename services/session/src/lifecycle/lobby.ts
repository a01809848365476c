import { randomUUID } from 'node:crypto';
import { ListTargetsV1, SessionId } from '@sallyport/contracts';
import type { Target as GrantedTarget } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { ChannelOpenFailure, OpenFailureReason } from '@sallyport/ssh-wire';
import type { OpenRequest } from '@sallyport/ssh-wire';
import { currentTraceId, ROOT_CONTEXT, SpanKind, startSpan } from '@sallyport/telemetry';
import type { Context } from '@sallyport/telemetry';
import { refusalLine } from '../downstream/refusal.js';
import { LobbyChannel } from '../menu/lobby-channel.js';
import { MenuIdle } from '../menu/menu-idle.js';
import type { TargetPage } from '../menu/target-list.js';
import type { VisitEnd } from '../menu/visit-end.js';
import { jump } from './jump.js';
import type { AcceptSsh } from './jump.js';
import type { CloseReason } from './session-record.js';
import type { SessionParts } from './session-parts.js';
import { TargetSession } from './target-session.js';
import type { Target, Visitor } from './target-session.js';

const PAGE = 100;
/** How long menus may take to give the screen back before the client is sent away. */
const LEAVE_WITHIN_MS = 1_000;

/**
 * Where a client is that logged on without naming a target. A `session` channel gets a menu, and each choice in it is a
 * session of its own; `direct-tcpip` is how `ssh -J` names one.
 */
export class Lobby {
  /** Those that were opened from here and have not ended. */
  readonly #sessions = new Map<TargetSession, Promise<void>>();
  readonly #channels = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  readonly #idle: MenuIdle;

  constructor(
    private readonly parts: SessionParts,
    private readonly visitor: Visitor,
    private readonly context: Context,
    private readonly accept: AcceptSsh,
  ) {
    const busy = (): boolean => this.#sessions.size > 0;
    this.#idle = new MenuIdle(parts.timers, parts.menuIdleMs, busy, () => {
      this.end('idle-limit', new DomainError('session.idle', 'nothing was chosen for a while; log on again'));
    });
    void visitor.closed.then(() => {
      this.#leave();
    });
  }

  onOpen(request: OpenRequest): void {
    this.#idle.active();
    if (this.#ended.signal.aborted) request.refuse(OpenFailureReason.administrativelyProhibited, 'sallyport: too late');
    else if (request.type === 'session') this.#follow(this.#menu(request));
    else if (request.type === 'direct-tcpip') this.#follow(this.#jump(request));
    else
      request.refuse(
        OpenFailureReason.administrativelyProhibited,
        `sallyport: not without a target (id ${this.#traceId})`,
      );
  }

  /** Whether the user is at a target. */
  get open(): boolean {
    return [...this.#sessions.keys()].some((session) => session.open);
  }

  /** Shows a line on the terminals of the sessions that were opened from here. */
  warn(line: string): void {
    for (const session of this.#sessions.keys()) session.warn(line);
  }

  end(reason: CloseReason, error: unknown): void {
    for (const session of this.#sessions.keys()) session.end(reason, error);
    const line = this.#line(error);
    this.#leave(line);
    const left = Promise.all(this.#channels);
    const late = new Promise((resolve) => setTimeout(resolve, LEAVE_WITHIN_MS).unref());
    void Promise.race([left, late]).then(() => {
      this.visitor.dismiss(line);
    });
  }

  async close(): Promise<void> {
    this.#leave();
    await Promise.all(this.#channels);
    await Promise.all(this.#sessions.values());
  }

  #leave(line = ''): void {
    this.#idle.stop();
    this.#ended.abort(line);
  }

  #follow(channel: Promise<void>): void {
    const followed = channel.catch((error: unknown) => {
      this.parts.log.error({ err: error }, 'a channel in the lobby failed');
    });
    this.#channels.add(followed);
    void followed.then(() => this.#channels.delete(followed));
  }

  #menu(request: OpenRequest): Promise<void> {
    const channel = new LobbyChannel(request.accept(), {
      username: this.visitor.claims.username,
      list: (search, cursor) => this.#list(search, cursor),
      ended: this.#ended.signal,
      explain: (error) => this.#line(error),
      active: () => {
        this.#idle.active();
      },
      visit: (target, end, givenUp, reached) => this.#visit(target, end, givenUp, reached),
    });
    return channel.run();
  }

  #list(search: string, cursor: string | undefined): Promise<TargetPage> {
    const { identity } = this.visitor;
    return this.parts.bus.request(ListTargetsV1, {
      identity,
      search,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
  }

  /** One choice of the menu. Never rejects. */
  async #visit(
    { host, account }: GrantedTarget,
    end: VisitEnd,
    givenUp: AbortSignal,
    reached: () => Promise<void>,
  ): Promise<string | undefined> {
    let line: string | undefined;
    const left = new AbortController();
    const leave = (): void => {
      left.abort();
    };
    givenUp.addEventListener('abort', leave);
    const closed = Promise.race([this.visitor.closed, abort(left.signal)]);
    const dismiss = (last: string): void => {
      if (left.signal.aborted) return;
      line = last;
      leave();
    };
    await this.#session({ ...this.visitor, since: new Date(), closed, dismiss }, { host, account }, async (session) => {
      // A logon that nobody waits for any more stops by itself, and cleans up.
      const outcome = await Promise.race([session.reach(), closed.then(() => undefined)]);
      await reached();
      if (!outcome) return;
      if ('line' in outcome) line ??= outcome.line;
      else
        await session.join(end, outcome.connection).catch((error: unknown) => {
          line ??= this.#line(hostRefused(error));
        });
      leave();
    });
    return line;
  }

  async #jump(request: OpenRequest): Promise<void> {
    await jump(request, {
      accept: this.accept,
      visitor: this.visitor,
      flow: this.parts.flow,
      ended: this.#ended.signal,
      visit: (visitor, target, during) => this.#session(visitor, target, during),
    });
  }

  /** A session with a trace of its own. @param during returns when the visitor has left */
  async #session(visitor: Visitor, target: Target, during: (session: TargetSession) => Promise<void>): Promise<void> {
    const { span, context } = startSpan('ssh session', { kind: SpanKind.SERVER, parent: ROOT_CONTEXT });
    const id = SessionId.parse(randomUUID());
    const session = new TargetSession(this.parts, visitor, id, target, { span, context });
    const run = async (): Promise<void> => {
      await during(session);
      await session.close();
      span.end();
    };
    const running = run();
    const kept = running.catch(() => undefined);
    this.#sessions.set(session, kept);
    void kept.then(() => this.#sessions.delete(session));
    await running;
  }

  #line(error: unknown): string {
    if (!(error instanceof DomainError)) this.parts.log.error({ err: error }, 'unforeseen');
    return refusalLine(error, this.#traceId);
  }

  get #traceId(): string {
    return currentTraceId(this.context);
  }
}

function abort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}

/** The target opens no channel. */
function hostRefused(error: unknown): unknown {
  if (!(error instanceof ChannelOpenFailure)) return error;
  return new DomainError('target.unreachable', `the host opens no session: ${error.description}`, { cause: error });
}
