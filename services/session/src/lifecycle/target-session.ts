import type { IdentityClaims, ProtocolPolicy, SessionId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { ChannelOpenFailure, DisconnectReason, OpenFailureReason } from '@sallyport/ssh-wire';
import type { Channel, Connection, IncomingGlobalRequest, OpenRequest, RequestMeaning } from '@sallyport/ssh-wire';
import { context, currentTraceId, histogram, withSpan } from '@sallyport/telemetry';
import type { Context, Span } from '@sallyport/telemetry';
import { errorCode, refusalLine } from '../downstream/refusal.js';
import type { TypedName } from '../downstream/user-name.js';
import { ChannelRecorder } from '../recording/channel-recorder.js';
import { recordedTap } from '../recording/recorded-tap.js';
import { tellOnChannel } from '../relay/end-with-line.js';
import { relayChannel } from '../relay/relay-channel.js';
import type { ChannelSummary, ClientEnd, Start } from '../relay/relay-channel.js';
import { forwardedBy, ruleForClient } from '../relay/request-rules.js';
import { ruleForStart } from '../relay/start-rules.js';
import { tapFor } from '../relay/tap-for.js';
import type { LoggedOn } from '../upstream/log-on.js';
import { LimitWatch } from './limit-watch.js';
import { Forwards } from './forwards.js';
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

/** Told when a logon takes long because the host refused a value. */
const WAITING = 'sallyport: the host and KMS do not agree on the credential yet; it may be in rotation, waiting…\r\n';
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
  readonly #channels = new Set<Promise<void>>();
  /** Where a warning can be shown without breaking what somebody's program reads. */
  readonly #terminals = new Set<ClientEnd>();
  #limits: LimitWatch | undefined;
  #unwatch: () => void = () => undefined;
  #reached: Promise<Reached> | undefined;
  /** Once the target let us in. */
  #policy: ProtocolPolicy | undefined;
  #forwards: Forwards | undefined;
  /** Resolves when the logon takes long; else never. */
  readonly #waiting: Promise<'waiting'>;
  #tellWaiting: () => void = () => undefined;
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
      this.#tellWaiting = () => {
        resolve('waiting');
      };
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

  /**
   * Shows a line on each terminal, behind what waits to be shown there already; one that is not read at all shows it when
   * it is read again.
   */
  warn(line: string): void {
    for (const terminal of this.#terminals) void terminal.write(Buffer.from(`\r\n${line}\r\n`), true);
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
      const joined = this.#relay(this.#record.nextChannel(), client, target);
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
    await Promise.all(this.#channels);
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
    this.#policy = grant.policy;
    const connection = target.start({
      windowBytes: this.parts.windowBytes,
      onOpen: (request) => {
        this.#follow(context.with(this.trace.context, () => this.#onTargetOpen(request)));
      },
    });
    const { policy } = grant;
    const parts = {
      policy,
      session: this.#record,
      explain: (error: unknown) => this.#line(error),
      active: () => this.#limits?.active(),
    };
    this.#forwards = new Forwards(parts, connection, this.visitor);
    return connection;
  }

  /** Keeps hold of a channel until it is over. */
  #follow(channel: Promise<void>): void {
    const followed = channel.catch((error: unknown) => {
      this.end('error', error);
    });
    this.#channels.add(followed);
    void followed.then(() => this.#channels.delete(followed));
  }

  async #onOpen(request: OpenRequest): Promise<void> {
    const accepted = request.type === 'session' ? await this.#acceptWhileWaiting(request) : undefined;
    const outcome = await this.reach();
    if (request.type === 'session') {
      if ('line' in outcome) await tellOnChannel(accepted ?? request.accept(), outcome.line);
      else if (accepted) await this.#openFor(accepted, this.#record.nextChannel(), outcome.connection);
      else await this.#open(this.#record.nextChannel(), request, outcome.connection);
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
    if ((await Promise.race([this.reach(), this.#waiting])) !== 'waiting') return undefined;
    const channel = request.accept();
    await channel.write(Buffer.from(WAITING), true);
    return channel;
  }

  /** What the target refuses now can no longer be refused to the client, but be told. */
  async #openFor(channel: Channel, number: number, connection: Connection): Promise<void> {
    let target: Channel;
    try {
      target = await connection.open('session');
    } catch (error) {
      const said = error instanceof ChannelOpenFailure ? error.description : 'the host ended the connection';
      await tellOnChannel(channel, this.#line(new DomainError('target.unreachable', said)));
      return;
    }
    await this.#relayClosing(number, channel, target);
  }

  async #open(number: number, request: OpenRequest, connection: Connection): Promise<void> {
    let target: Channel;
    try {
      target = await connection.open('session');
    } catch (error) {
      const reason = error instanceof ChannelOpenFailure ? error.reason : OpenFailureReason.connectFailed;
      const said = error instanceof ChannelOpenFailure ? error.description : 'the host ended the connection';
      request.refuse(reason, `${said} (id ${this.#traceId})`);
      return;
    }
    await this.#relayClosing(number, request.accept(), target);
  }

  /** A client may close before the exit of the program is known, and wants to hear of it all the same. */
  #relayClosing(number: number, client: Channel, target: Channel): Promise<void> {
    client.answerCloseLater();
    return this.#relay(number, client, target);
  }

  async #relay(number: number, client: ClientEnd, target: Channel): Promise<void> {
    const policy = this.#policy;
    if (!policy) throw new Error('a channel is relayed before the target let us in');
    const explain = (error: unknown): string => this.#line(error);
    const rules = {
      policy: policy.files,
      record: (protocol: 'sftp' | 'scp') => this.#record.files(number, protocol),
      explain,
    };
    let terminal: Extract<RequestMeaning, { kind: 'terminal' }> | undefined;
    let recorder: ChannelRecorder | undefined;
    let summary: ChannelSummary;
    try {
      summary = await relayChannel(client, target, {
        judge: (name, meaning) => {
          if (meaning.kind === 'terminal') terminal = meaning;
          if (meaning.kind === 'resize') recorder?.resized(meaning);
          const rule = ruleForClient(name, meaning, policy);
          const kind = forwardedBy(name);
          if (kind && rule.kind === 'pass') this.#forwards?.ask(kind);
          return rule;
        },
        starting: async (start) => {
          if (start.terminal) this.#terminals.add(client);
          recorder = await this.#starting(number, start, policy, start.terminal ? terminal : undefined);
        },
        tap: (start, ends) => {
          const tap = tapFor(start, ends, rules);
          return recorder ? recordedTap(recorder, tap) : tap;
        },
        explain,
        refused: (name, reason) => {
          this.#record.channelRefused(number, name, reason);
        },
        firstByte: () => this.trace.span.addEvent('first byte'),
        active: () => this.#limits?.active(),
      });
    } finally {
      this.#terminals.delete(client);
      await recorder?.end();
    }
    await this.#record.channelClosed(number, summary);
  }

  /** @returns who records it, where that is not done file by file */
  async #starting(
    number: number,
    start: Start,
    policy: ProtocolPolicy,
    terminal: Extract<RequestMeaning, { kind: 'terminal' }> | undefined,
  ): Promise<ChannelRecorder | undefined> {
    const rule = ruleForStart(start, policy);
    if (rule.kind === 'refuse') {
      this.#record.channelRefused(number, start.kind, rule.reason);
      throw new DomainError('policy.forbidden', rule.reason);
    }
    const opened = this.#record.channelOpened(number, start);
    if (start.kind === 'sftp' || start.kind === 'scp') {
      await opened;
      return undefined;
    }
    const { command } = start;
    const of = { ...this.#record.channel(number), input: policy.recordInput, command, terminal };
    const { audit, timers, recording } = this.parts;
    const recorder = ChannelRecorder.begin({ audit, timers, ...recording }, of, (error) => {
      this.parts.log.error({ err: error, sessionId: this.sessionId }, 'a session cannot be recorded any longer');
      this.end('audit-unavailable', new DomainError('audit.unavailable', NOT_RECORDED));
    });
    const [begun] = await Promise.allSettled([recorder, opened]);
    try {
      await opened;
    } catch (error) {
      if (begun.status === 'fulfilled') await begun.value.end();
      throw error;
    }
    return recorder;
  }

  get #traceId(): string {
    return currentTraceId(this.trace.context);
  }

  #line(error: unknown): string {
    if (!(error instanceof DomainError)) this.parts.log.error({ err: error, sessionId: this.sessionId }, 'unforeseen');
    return refusalLine(error, this.#traceId);
  }
}
