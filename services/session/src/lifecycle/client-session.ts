import { randomUUID } from 'node:crypto';
import { SessionId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { DisconnectReason } from '@sallyport/ssh-wire';
import type { Connection, IncomingGlobalRequest, OpenRequest, SshClient } from '@sallyport/ssh-wire';
import { context, currentTraceId, SpanKind, startSpan, withSpan } from '@sallyport/telemetry';
import type { Context, Span } from '@sallyport/telemetry';
import { AuthenticateUser } from '../downstream/authenticate-user.js';
import type { Authenticated } from '../downstream/authenticate-user.js';
import { refusalLine } from '../downstream/refusal.js';
import type { AcceptSsh } from './jump.js';
import { Lobby } from './lobby.js';
import type { CloseReason } from './session-record.js';
import type { SessionParts } from './session-parts.js';
import { TargetSession } from './target-session.js';
import type { Target, Visitor } from './target-session.js';

/** What becomes of a client once we know who it is: a session with the target that it named, or a lobby. */
interface Stay {
  onOpen(request: OpenRequest): void;
  /** Absent where nothing that is no channel can be asked for. */
  onGlobalRequest?(request: IncomingGlobalRequest): void;
  /** Whether the user is at a target. */
  readonly open: boolean;
  /** Shows a line on every terminal. */
  warn(line: string): void;
  end(reason: CloseReason, error: unknown): void;
  /** Called when the client has left. Never rejects. */
  close(): Promise<void>;
}

/** A client that has no channel to be told on, as with `ssh -N`, is told when it is disconnected. */
const TELL_WITHIN_MS = 2_000;

/** One connection of a client, from its key exchange to its end. */
export class ClientSession {
  readonly #span: Span;
  readonly #context: Context;
  #stay: Stay | undefined;
  #connection: Connection | undefined;

  constructor(
    private readonly parts: SessionParts,
    private readonly client: SshClient,
    /** Serves SSH over a channel of this connection. */
    private readonly accept: AcceptSsh,
  ) {
    const { span, context: own } = startSpan('ssh session', { kind: SpanKind.SERVER, startTime: client.connectedAt });
    this.#span = span;
    this.#context = own;
  }

  /** Returns when the client is gone and everything that belongs to it has ended. Never rejects. */
  async run(): Promise<void> {
    try {
      await context.with(this.#context, () => this.#serve());
    } catch (error) {
      this.parts.log.error({ err: error }, 'a connection failed');
      this.end('error', error);
    }
    await this.#stay?.close();
    this.#span.end();
  }

  /** Ends the connection with a last line. Safe to repeat. */
  end(reason: CloseReason, error: unknown): void {
    if (this.#stay) this.#stay.end(reason, error);
    else this.#dismiss(this.#line(error));
  }

  /** Whether a user is at a target. */
  get open(): boolean {
    return this.#stay?.open ?? false;
  }

  /** Shows a line on every terminal. */
  warn(line: string): void {
    this.#stay?.warn(line);
  }

  async #serve(): Promise<void> {
    const user = await this.#authenticate();
    if (!user) return;
    const visitor: Visitor = {
      identity: user.identity,
      claims: user.claims,
      since: this.client.connectedAt,
      closed: this.client.closed,
      dismiss: (line) => {
        this.#dismiss(line);
      },
      open: (type, payload) => {
        if (!this.#connection) throw new Error('the client cannot be asked for channels yet');
        return this.#connection.open(type, payload);
      },
    };
    const { target } = user.typed;
    const stay: Stay = target
      ? this.#visit(visitor, target)
      : new Lobby(this.parts, visitor, this.#context, this.accept);
    this.#stay = stay;
    this.#connection = this.client.serve({
      ...this.parts.flow,
      onOpen: (request) => {
        stay.onOpen(request);
      },
      onGlobalRequest: (request) => {
        if (stay.onGlobalRequest) stay.onGlobalRequest(request);
        else request.reply({ success: false });
      },
    });
    // A logon that is under way when the client leaves stops by itself, and cleans up; nobody waits for it.
    await this.client.closed;
  }

  #visit(visitor: Visitor, target: Target): TargetSession {
    const sessionId = SessionId.parse(randomUUID());
    const session = new TargetSession(this.parts, visitor, sessionId, target, {
      span: this.#span,
      context: this.#context,
    });
    // At once: the user's first channel is still on its way.
    void session.reach().then((outcome) => {
      if ('line' in outcome) this.#tellOnDisconnect(outcome.line);
    });
    return session;
  }

  async #authenticate(): Promise<Authenticated | undefined> {
    const { bus, verifier, authentication } = this.parts;
    const authenticate = new AuthenticateUser(bus, verifier, authentication, {
      address: this.client.remoteAddress,
      sessionId: this.client.sessionId,
      tell: (error) => {
        const line = this.#line(error);
        this.client.banner(`${line}\r\n`);
        return line;
      },
    });
    // It fails when the client leaves or is sent away; then there is no result.
    await withSpan('authenticate user', () =>
      this.client.authenticate((attempt) => authenticate.decide(attempt)),
    ).catch(() => undefined);
    return authenticate.result;
  }

  #tellOnDisconnect(line: string): void {
    const timer = setTimeout(() => {
      this.#dismiss(line);
    }, TELL_WITHIN_MS);
    void this.client.closed.then(() => {
      clearTimeout(timer);
    });
  }

  #dismiss(line: string): void {
    this.client.disconnect(DisconnectReason.byApplication, line);
  }

  #line(error: unknown): string {
    if (!(error instanceof DomainError)) this.parts.log.error({ err: error }, 'unforeseen');
    return refusalLine(error, currentTraceId(this.#context));
  }
}
