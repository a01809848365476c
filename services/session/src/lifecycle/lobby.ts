import { DomainError } from '@sallyport/errors';
import type { OpenRequest } from '@sallyport/ssh-wire';
import { currentTraceId } from '@sallyport/telemetry';
import type { Context } from '@sallyport/telemetry';
import { refuseChannelType } from '../downstream/refuse-channel-type.js';
import { refusalLine } from '../downstream/refusal.js';
import { tellOnChannel } from '../relay/end-with-line.js';
import type { CloseReason } from './session-record.js';
import type { SessionParts } from './session-parts.js';
import type { TargetSession, Visitor } from './target-session.js';

/**
 * Where a client is that logged on without naming a target. A `session` channel gets a menu, and each choice in it is a
 * session of its own; `direct-tcpip` is how `ssh -J` names one.
 */
export class Lobby {
  /** Those that were opened from here and have not ended. */
  readonly #sessions = new Map<TargetSession, Promise<void>>();

  constructor(
    private readonly parts: SessionParts,
    private readonly visitor: Visitor,
    private readonly context: Context,
  ) {}

  onOpen(request: OpenRequest): void {
    if (request.type !== 'session') {
      refuseChannelType(request, this.#traceId);
      return;
    }
    const error = new DomainError('request.invalid', 'name a target: ssh USER@ACCOUNT@HOST@THIS-BASTION');
    tellOnChannel(request.accept(), refusalLine(error, this.#traceId)).catch((failure: unknown) => {
      this.parts.log.error({ err: failure }, 'a channel in the lobby failed');
    });
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
    this.visitor.dismiss(refusalLine(error, this.#traceId));
  }

  /** Keeps hold of a session until it is over. */
  follow(session: TargetSession, ended: Promise<void>): void {
    this.#sessions.set(session, ended);
    void ended.finally(() => this.#sessions.delete(session));
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.values());
  }

  get #traceId(): string {
    return currentTraceId(this.context);
  }
}
