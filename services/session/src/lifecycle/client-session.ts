import { randomUUID } from 'node:crypto';
import { SessionId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher, Bus } from '@sallyport/messaging';
import { ChannelOpenFailure, DisconnectReason, OpenFailureReason } from '@sallyport/ssh-wire';
import type { Channel, Connection, OpenRequest, SshClient } from '@sallyport/ssh-wire';
import { context, currentTraceId, histogram, SpanKind, startSpan, withSpan } from '@sallyport/telemetry';
import type { Context, Logger, Span } from '@sallyport/telemetry';
import type { TokenVerifier } from '@sallyport/tokens';
import { AuthenticateUser } from '../downstream/authenticate-user.js';
import type { Authenticated, AuthenticationRules } from '../downstream/authenticate-user.js';
import { refuseChannelType } from '../downstream/refuse-channel-type.js';
import { errorCode, refusalLine } from '../downstream/refusal.js';
import { tellOnChannel } from '../relay/end-with-line.js';
import { relayChannel } from '../relay/relay-channel.js';
import type { LoggedOn, LogOn } from '../upstream/log-on.js';
import { SessionRecord } from './session-record.js';
import type { CloseReason } from './session-record.js';
import { SessionLife } from './session-state.js';

/** What every session works with. */
export interface SessionParts {
  readonly bus: Bus;
  readonly verifier: TokenVerifier;
  readonly audit: AuditPublisher;
  readonly log: Logger;
  readonly logOn: LogOn;
  readonly authentication: AuthenticationRules;
  readonly windowBytes: number;
}

/** The outcome of the logon at the target: a way in, or the line that says why not. */
type Reached = { connection: Connection } | { line: string };

const logonTime = histogram('sallyport.session.logon', 'From the client’s connection to the open target', 'ms');

/** A client that has no channel to be told on, as with `ssh -N`, is told when it is disconnected. */
const TELL_WITHIN_MS = 2_000;

/** One connection of a client, from its key exchange to its end, and the one connection to a target that belongs to it. */
export class ClientSession {
  readonly #sessionId = SessionId.parse(randomUUID());
  readonly #life = new SessionLife();
  readonly #span: Span;
  readonly #context: Context;
  #record: SessionRecord | undefined;
  /** Aborts when the client has left. */
  readonly #left = new AbortController();
  #closeReason: CloseReason = 'client-left';
  readonly #channels = new Set<Promise<void>>();

  constructor(
    private readonly parts: SessionParts,
    private readonly client: SshClient,
  ) {
    const { span, context: own } = startSpan('ssh session', { kind: SpanKind.SERVER, startTime: client.connectedAt });
    this.#span = span;
    this.#context = own;
    void client.closed.then(() => {
      this.#left.abort();
    });
  }

  /** Returns when the client is gone and everything that belongs to it has ended. Never rejects. */
  async run(): Promise<void> {
    try {
      await context.with(this.#context, () => this.#serve());
    } catch (error) {
      this.parts.log.error({ err: error, sessionId: this.#sessionId }, 'a session failed');
      this.end('error', error);
    }
    await context
      .with(this.#context, () => this.#close())
      .catch((error: unknown) => {
        this.parts.log.error({ err: error, sessionId: this.#sessionId }, 'the end of a session was not recorded');
      });
  }

  /** Ends the session with a last line. Safe to repeat. */
  end(reason: CloseReason, error: unknown): void {
    // Who is gone already cannot be sent away: what follows is only the consequence.
    if (!this.#left.signal.aborted) this.#closeReason = reason;
    this.client.disconnect(DisconnectReason.byApplication, this.#line(error));
  }

  /** Whether a user is at a target. */
  get open(): boolean {
    return this.#life.state === 'open';
  }

  async #serve(): Promise<void> {
    const user = await this.#authenticate();
    if (!user) return;
    this.#life.move('authenticated');
    const { audit, log, windowBytes } = this.parts;
    const record = new SessionRecord(audit, log, this.#sessionId, user.claims);
    this.#record = record;
    // At once: the user's first channel is still on its way.
    const reached = this.#reach(user, record);
    this.client.serve({
      windowBytes,
      onOpen: (request) => {
        this.#follow(context.with(this.#context, () => this.#onOpen(request, reached, record)));
      },
    });
    const told = reached.then((outcome) => {
      if ('line' in outcome) this.#tellOnDisconnect(outcome.line);
    });
    // A logon that is under way when the client leaves stops by itself, and cleans up; nobody waits for it.
    await Promise.race([this.client.closed, told.then(() => this.client.closed)]);
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

  /** Never rejects: what goes wrong becomes the line that the user is told. */
  async #reach({ identity, typed: { target } }: Authenticated, record: SessionRecord): Promise<Reached> {
    try {
      if (!target) throw new DomainError('request.invalid', 'name a target: ssh USER@ACCOUNT@HOST@THIS-BASTION');
      const request = { identity, sessionId: this.#sessionId, target };
      const loggedOn = await withSpan('log on to target', () => this.parts.logOn.run(request, this.#left.signal));
      return await this.#enter(loggedOn, record);
    } catch (error) {
      if (this.#left.signal.aborted) return { line: 'the client left' };
      this.#life.move('refused');
      const asked = target ? [target.account, target.host].filter((part) => part !== undefined).join('@') : '';
      await record.refused(asked, errorCode(error));
      return { line: this.#line(error) };
    }
  }

  /** From here on there is a connection to the target: it ends with the client's, whatever happens. */
  async #enter(loggedOn: LoggedOn, record: SessionRecord): Promise<Reached> {
    const { target } = loggedOn;
    void this.client.closed.then(() => {
      target.disconnect(DisconnectReason.byApplication, '');
    });
    try {
      await record.opened(loggedOn);
    } catch (error) {
      target.disconnect(DisconnectReason.byApplication, '');
      throw error;
    }
    if (this.#left.signal.aborted) {
      await record.closed('client-left');
      return { line: 'the client left' };
    }
    this.#life.move('open');
    logonTime.record(Date.now() - this.client.connectedAt.getTime());
    void target.closed.then(() => {
      this.end('target-left', new DomainError('target.unreachable', 'the host ended the connection'));
    });
    return { connection: target.start({ windowBytes: this.parts.windowBytes }) };
  }

  /** Keeps hold of a channel until it is over. */
  #follow(channel: Promise<void>): void {
    const followed = channel.catch((error: unknown) => {
      this.end('error', error);
    });
    this.#channels.add(followed);
    void followed.then(() => this.#channels.delete(followed));
  }

  async #onOpen(request: OpenRequest, reached: Promise<Reached>, record: SessionRecord): Promise<void> {
    const number = record.nextChannel();
    if (request.type !== 'session') {
      refuseChannelType(request, this.#traceId);
      record.channelRefused(number, request.type, 'only sessions are permitted');
      return;
    }
    const outcome = await reached;
    if ('line' in outcome) await tellOnChannel(request.accept(), outcome.line);
    else await this.#relay(number, request, outcome.connection, record);
  }

  async #relay(number: number, request: OpenRequest, connection: Connection, record: SessionRecord): Promise<void> {
    let target: Channel;
    try {
      target = await connection.open('session');
    } catch (error) {
      const reason = error instanceof ChannelOpenFailure ? error.reason : OpenFailureReason.connectFailed;
      const said = error instanceof ChannelOpenFailure ? error.description : 'the host ended the connection';
      request.refuse(reason, `${said} (id ${this.#traceId})`);
      return;
    }
    const summary = await relayChannel(request.accept(), target, {
      starting: (start) => record.channelOpened(number, start),
      explain: (error) => this.#line(error),
      refused: (name, reason) => {
        record.channelRefused(number, name, reason);
      },
      firstByte: () => this.#span.addEvent('first byte'),
    });
    await record.channelClosed(number, summary);
  }

  #tellOnDisconnect(line: string): void {
    const timer = setTimeout(() => {
      this.client.disconnect(DisconnectReason.byApplication, line);
    }, TELL_WITHIN_MS);
    void this.client.closed.then(() => {
      clearTimeout(timer);
    });
  }

  async #close(): Promise<void> {
    const wasOpen = this.#life.state === 'open';
    this.#life.move('closed');
    // What the channels have to say comes before the end.
    await Promise.all(this.#channels);
    if (wasOpen) await this.#record?.closed(this.#closeReason);
    this.#span.end();
  }

  get #traceId(): string {
    return currentTraceId(this.#context);
  }

  #line(error: unknown): string {
    if (!(error instanceof DomainError)) this.parts.log.error({ err: error, sessionId: this.#sessionId }, 'unforeseen');
    return refusalLine(error, this.#traceId);
  }
}
