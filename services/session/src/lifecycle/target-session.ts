import type { IdentityClaims, SessionId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { DisconnectReason, OpenFailureReason } from '@sallyport/ssh-wire';
import type { Channel, Connection, IncomingGlobalRequest, OpenRequest } from '@sallyport/ssh-wire';
import { context, currentTraceId, histogram, withSpan } from '@sallyport/telemetry';
import type { Context, Span } from '@sallyport/telemetry';
import { errorCode, refusalLine } from '../downstream/refusal.js';
import type { TypedName } from '../downstream/user-name.js';
import { tellOnChannel } from '../relay/end-with-line.js';
import type { ClientEnd } from '../relay/relay-channel.js';
import type { LoggedOn } from '../upstream/log-on.js';
import type { WaitFor } from '../upstream/long-wait.js';
import { LimitWatch } from './limit-watch.js';
import { Forwards } from './forwards.js';
import { SessionChannels } from './session-channels.js';
import { SessionRecord } from './session-record.js';
import type { CloseReason } from './session-record.js';
import type { SessionParts } from './session-parts.js';
import { SessionLife } from './session-state.js';

/** Whom a session serves: a client's connection that named its target, or somebody who chose one in a lobby. */
export interface Visitor {
  /** Token for `asset`. */
  readonly identity: string;
  readonly claims: IdentityClaims;
  /** When it began to ask for the target: a logon is timed from here. */
  readonly since: Date;
  /** Settles when nobody is there any more. */
  readonly closed: Promise<unknown>;
  /** Sends the visitor away with a last line. Safe to repeat. */
  dismiss(line: string): void;
  /** Opens a channel at the visitor, for what the target forwards; absent where there is nobody to take one. */
  readonly open?: Connection['open'];
}

export type Target = NonNullable<TypedName['target']>;

/** The outcome of the logon at the target: a way in, or the line that says why not. */
export type Reached = { connection: Connection } | { line: string };

/** Told when a logon takes long, by what it waits for. */
const waitingLines: Readonly<Record<WaitFor, string>> = {
  credential: 'the credential is not there yet; KMS is slow, or another logon with it goes first',
  'other-credential': 'the host and KMS do not agree on the credential yet; it may be in rotation',
};
const NOT_RECORDED = 'this session can no longer be recorded, so it has ended; log on again';
const logonTime = histogram('sallyport.session.logon', 'From the client’s connection to the open target', 'ms');

/**
 * One session, the unit of audit: one visitor at one target, from the request for the right to be there to the end of the
 * connection to it.
 */
export class TargetSession {
  readonly #life = new SessionLife();
  readonly #record: SessionRecord;
  /** Aborts when the visitor has left. */
  readonly #left = new AbortController();
  #closeReason: CloseReason = 'client-left';
  /** What must be over before the session is. */
  readonly #followed = new Set<Promise<void>>();
  #limits: LimitWatch | undefined;
  #unwatch: () => void = () => undefined;
  #reached: Promise<Reached> | undefined;
  /** Once the target let us in. */
  #channels: SessionChannels | undefined;
  #forwards: Forwards | undefined;
  /** Resolves with what the logon waits for when that takes long; else never. */
  readonly #waiting: Promise<WaitFor>;
  #tellWaiting: (what: WaitFor) => void = () => undefined;
  #leavePlace: () => void = () => undefined;

  constructor(
    private readonly parts: SessionParts,
    private readonly visitor: Visitor,
    private readonly sessionId: SessionId,
    private readonly target: Target,
    /** The span that stands for it, which its maker ends. */
    private readonly trace: { span: Span; context: Context },
  ) {
    this.#record = new SessionRecord(parts.audit, parts.log, sessionId, visitor.claims);
    this.#waiting = new Promise((resolve) => {
      this.#tellWaiting = resolve;
    });
    void visitor.closed.then(() => {
      this.#left.abort();
    });
  }

  /** Logs on at the target. Never rejects: what goes wrong becomes the line that the user is told. */
  reach(): Promise<Reached> {
    this.#reached ??= context.with(this.trace.context, () => this.#reach());
    return this.#reached;
  }

  /** Whether the user is at the target. */
  get open(): boolean {
    return this.#life.state === 'open';
  }

  /** Ends the session with a last line. Safe to repeat. */
  end(reason: CloseReason, error: unknown): void {
    // Who is gone already cannot be sent away: what follows is only the consequence.
    if (!this.#left.signal.aborted) this.#closeReason = reason;
    this.visitor.dismiss(this.#line(error));
  }

  /** Shows a line on each terminal. */
  warn(line: string): void {
    this.#channels?.warn(line);
  }

  /** The visitor asks for a channel. */
  onOpen(request: OpenRequest): void {
    this.#follow(context.with(this.trace.context, () => this.#onOpen(request)));
  }

  /** The visitor asks for something that is no channel. */
  onGlobalRequest(request: IncomingGlobalRequest): void {
    this.#follow(context.with(this.trace.context, () => this.#onGlobalRequest(request)));
  }

  /** Joins a channel that the visitor has already, to its end. */
  async join(client: ClientEnd, connection: Connection): Promise<void> {
    await context.with(this.trace.context, async () => {
      const target = await connection.open('session');
      const joined = this.#channels?.join(client, target) ?? Promise.resolve();
      this.#follow(joined);
      await joined;
    });
  }

  /** To be called when the visitor has left: returns when everything that belongs to the session has ended. Never rejects. */
  async close(): Promise<void> {
    const wasOpen = this.open;
    this.#life.move('closed');
    this.#limits?.stop();
    this.#unwatch();
    this.#leavePlace();
    // What the channels have to say comes before the end.
    await Promise.all(this.#followed);
    try {
      if (wasOpen) await context.with(this.trace.context, () => this.#record.closed(this.#closeReason));
    } catch (error) {
      this.parts.log.error({ err: error, sessionId: this.sessionId }, 'the end of a session was not recorded');
    }
  }

  async #reach(): Promise<Reached> {
    try {
      this.#leavePlace = this.parts.capacity.enter();
      const request = { identity: this.visitor.identity, sessionId: this.sessionId, target: this.target };
      const loggedOn = await withSpan('log on to target', () =>
        this.parts.logOn.run(request, this.#left.signal, this.#tellWaiting),
      );
      return await this.#enter(loggedOn);
    } catch (error) {
      if (this.#left.signal.aborted) return { line: 'the client left' };
      this.#life.move('refused');
      const asked = [this.target.account, this.target.host].filter((part) => part !== undefined).join('@');
      await this.#record.refused(asked, errorCode(error));
      return { line: this.#line(error) };
    }
  }

  /** From here on there is a connection to the target: it ends with the visitor, whatever happens. */
  async #enter(loggedOn: LoggedOn): Promise<Reached> {
    const { target } = loggedOn;
    void this.visitor.closed.then(() => {
      target.disconnect(DisconnectReason.byApplication, '');
    });
    try {
      await this.#record.opened(loggedOn);
    } catch (error) {
      target.disconnect(DisconnectReason.byApplication, '');
      throw error;
    }
    if (this.#left.signal.aborted) {
      await this.#record.closed('client-left');
      return { line: 'the client left' };
    }
    this.#life.move('open');
    this.#limits = new LimitWatch(loggedOn.grant.limits, this.parts.limits, this.parts.timers, {
      warn: (line) => {
        this.warn(line);
      },
      end: (reason, error) => {
        this.end(reason, error);
      },
    });
    const { userId, clientAddress, host, account } = loggedOn.grant;
    this.#unwatch = this.parts.access.add(
      { sessionId: this.sessionId, userId, clientAddress, hostId: host.hostId, accountId: account.accountId },
      (reason, error) => {
        this.end(reason, error);
      },
    );
    logonTime.record(Date.now() - this.visitor.since.getTime());
    void target.closed.then(() => {
      this.end('target-left', new DomainError('target.unreachable', 'the host ended the connection'));
    });
    return { connection: this.#start(loggedOn) };
  }

  #start({ target, grant }: LoggedOn): Connection {
    const connection = target.start({
      ...this.parts.flow,
      onOpen: (request) => {
        this.#follow(context.with(this.trace.context, () => this.#onTargetOpen(request)));
      },
    });
    const { beginRecording, log } = this.parts;
    const parts = {
      policy: grant.policy,
      session: this.#record,
      explain: (error: unknown) => this.#line(error),
      active: () => this.#limits?.active(),
    };
    const forwards = new Forwards(parts, connection, this.visitor);
    this.#forwards = forwards;
    const channelParts = {
      ...parts,
      forwards,
      restrictions: grant.restrictions,
      beginRecording,
      traceId: this.#traceId,
      firstByte: () => this.trace.span.addEvent('first byte'),
      unrecordable: (error: unknown) => {
        log.error({ err: error, sessionId: this.sessionId }, 'a session cannot be recorded any longer');
        this.end('audit-unavailable', new DomainError('audit.unavailable', NOT_RECORDED));
      },
    };
    this.#channels = new SessionChannels(channelParts, connection);
    return connection;
  }

  /** Keeps hold of a channel until it is over. */
  #follow(channel: Promise<void>): void {
    const followed = channel.catch((error: unknown) => {
      this.end('error', error);
    });
    this.#followed.add(followed);
    void followed.then(() => this.#followed.delete(followed));
  }

  async #onOpen(request: OpenRequest): Promise<void> {
    const accepted = request.type === 'session' ? await this.#acceptWhileWaiting(request) : undefined;
    const outcome = await this.reach();
    if (request.type === 'session') {
      if ('line' in outcome) await tellOnChannel(accepted ?? request.accept(), outcome.line);
      else if (accepted) await this.#channels?.openFor(accepted);
      else await this.#channels?.open(request);
    } else if ('line' in outcome) request.refuse(OpenFailureReason.administrativelyProhibited, outcome.line);
    else await this.#forwards?.fromClient(request);
  }

  async #onTargetOpen(request: OpenRequest): Promise<void> {
    if (this.#forwards) await this.#forwards.fromTarget(request);
    else request.refuse(OpenFailureReason.administrativelyProhibited, 'nothing was asked for yet');
  }

  async #onGlobalRequest(request: IncomingGlobalRequest): Promise<void> {
    await this.reach();
    if (this.#forwards) await this.#forwards.onGlobalRequest(request);
    else request.reply({ success: false });
  }

  /** When the logon takes long, the channel is there before the target is: it is where the user can be told. */
  async #acceptWhileWaiting(request: OpenRequest): Promise<Channel | undefined> {
    const waitsFor = await Promise.race([this.reach().then(() => undefined), this.#waiting]);
    if (!waitsFor) return undefined;
    const channel = request.accept();
    await channel.write(Buffer.from(`sallyport: ${waitingLines[waitsFor]}, waiting…\r\n`), true);
    return channel;
  }

  get #traceId(): string {
    return currentTraceId(this.trace.context);
  }

  #line(error: unknown): string {
    if (!(error instanceof DomainError)) this.parts.log.error({ err: error, sessionId: this.sessionId }, 'unforeseen');
    return refusalLine(error, this.#traceId);
  }
}
