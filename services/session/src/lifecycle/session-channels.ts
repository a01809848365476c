import type { ProtocolPolicy, SessionRestrictions } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { ChannelOpenFailure, OpenFailureReason } from '@sallyport/ssh-wire';
import type { Channel, Connection, OpenRequest, RequestMeaning } from '@sallyport/ssh-wire';
import type { BeginRecording, Recorder } from '../recording/channel-recorder.js';
import { recordedTap } from '../recording/recorded-tap.js';
import { tellOnChannel } from '../relay/end-with-line.js';
import { forcedTo } from '../relay/forced-command.js';
import { relayChannel } from '../relay/relay-channel.js';
import type { ChannelSummary, ClientEnd, Start } from '../relay/relay-channel.js';
import { forwardedBy, ruleForClient } from '../relay/request-rules.js';
import { ruleForStart } from '../relay/start-rules.js';
import { tapFor } from '../relay/tap-for.js';
import type { Forwards } from './forwards.js';
import type { SessionRecord } from './session-record.js';

/** What the channels of a session work with. */
export interface ChannelParts {
  readonly policy: ProtocolPolicy;
  /** Of the user's certificate, where there is one. */
  readonly restrictions: SessionRestrictions | undefined;
  readonly session: SessionRecord;
  readonly beginRecording: BeginRecording;
  readonly forwards: Pick<Forwards, 'ask'>;
  /** The one line for a user, without its id. */
  readonly explain: (error: unknown) => string;
  /** The user's line ends in this when the target itself has given the reason. */
  readonly traceId: string;
  readonly firstByte: () => void;
  /** Data came, in either direction. */
  readonly active: () => void;
  /** The session must end: what it does can no longer be recorded. */
  readonly unrecordable: (error: unknown) => void;
}

type Terminal = Extract<RequestMeaning, { kind: 'terminal' }>;

/** The `session` channels (RFC 4254 section 6) of one session: each opened at the target, judged, recorded, relayed. */
export class SessionChannels {
  /** Where a warning can be shown without breaking what somebody's program reads. */
  readonly #terminals = new Set<ClientEnd>();

  constructor(
    private readonly parts: ChannelParts,
    private readonly target: Pick<Connection, 'open'>,
  ) {}

  /**
   * Shows a line on each terminal, behind what waits to be shown there already; one that is not read at all shows it when
   * it is read again.
   */
  warn(line: string): void {
    for (const terminal of this.#terminals) void terminal.write(Buffer.from(`\r\n${line}\r\n`), true);
  }

  /** The client asks for a channel. Returns when it is over. */
  async open(request: OpenRequest): Promise<void> {
    const number = this.parts.session.nextChannel();
    let target: Channel;
    try {
      target = await this.target.open('session');
    } catch (error) {
      const reason = error instanceof ChannelOpenFailure ? error.reason : OpenFailureReason.connectFailed;
      request.refuse(reason, `${saidBy(error)} (id ${this.parts.traceId})`);
      return;
    }
    await this.#relayClosing(number, request.accept(), target);
  }

  /**
   * The client has a channel already, which `open` would have made. What the target refuses now can no longer be refused
   * to the client, but be told.
   */
  async openFor(client: Channel): Promise<void> {
    const number = this.parts.session.nextChannel();
    let target: Channel;
    try {
      target = await this.target.open('session');
    } catch (error) {
      await tellOnChannel(client, this.parts.explain(new DomainError('target.unreachable', saidBy(error))));
      return;
    }
    await this.#relayClosing(number, client, target);
  }

  /** Joins a channel in which others have spoken to the user before. */
  join(client: ClientEnd, target: Channel): Promise<void> {
    return this.#relay(this.parts.session.nextChannel(), client, target);
  }

  /** A client may close before the exit of the program is known, and wants to hear of it all the same. */
  #relayClosing(number: number, client: Channel, target: Channel): Promise<void> {
    client.answerCloseLater();
    return this.#relay(number, client, target);
  }

  async #relay(number: number, client: ClientEnd, target: Channel): Promise<void> {
    const { policy, restrictions, session, forwards, ...parts } = this.parts;
    const { explain, firstByte, active } = parts;
    const rules = {
      policy: policy.files,
      record: (protocol: 'sftp' | 'scp') => session.files(number, protocol),
      explain,
    };
    let terminal: Terminal | undefined;
    let recorder: Recorder | undefined;
    let summary: ChannelSummary;
    try {
      summary = await relayChannel(client, target, {
        requests: (asked) => forcedTo(restrictions?.forceCommand, asked),
        judge: (name, meaning) => {
          if (meaning.kind === 'terminal') terminal = meaning;
          if (meaning.kind === 'resize') recorder?.resized(meaning);
          const rule = ruleForClient(name, meaning, policy, restrictions);
          const kind = forwardedBy(name);
          if (kind && rule.kind === 'pass') forwards.ask(kind);
          return rule;
        },
        starting: async (start) => {
          if (start.terminal) this.#terminals.add(client);
          recorder = await this.#starting(number, start, start.terminal ? terminal : undefined);
        },
        tap: (start, ends) => {
          const tap = tapFor(start, ends, rules);
          return recorder ? recordedTap(recorder, tap) : tap;
        },
        refused: (name, reason) => {
          session.channelRefused(number, name, reason);
        },
        explain,
        firstByte,
        active,
      });
    } finally {
      this.#terminals.delete(client);
      await recorder?.end();
    }
    await session.channelClosed(number, summary);
  }

  /** @returns who records it, where that is not done file by file */
  async #starting(number: number, start: Start, terminal: Terminal | undefined): Promise<Recorder | undefined> {
    const { policy, session } = this.parts;
    const rule = ruleForStart(start, policy);
    if (rule.kind === 'refuse') {
      session.channelRefused(number, start.kind, rule.reason);
      throw new DomainError('policy.forbidden', rule.reason);
    }
    const opened = session.channelOpened(number, start);
    if (start.kind === 'sftp' || start.kind === 'scp') {
      await opened;
      return undefined;
    }
    const of = { ...session.channel(number), input: policy.recordInput, command: start.command, terminal };
    const recorder = this.parts.beginRecording(of, this.parts.unrecordable);
    const [begun] = await Promise.allSettled([recorder, opened]);
    try {
      await opened;
    } catch (error) {
      if (begun.status === 'fulfilled') await begun.value.end();
      throw error;
    }
    return recorder;
  }
}

const saidBy = (error: unknown): string =>
  error instanceof ChannelOpenFailure ? error.description : 'the host ended the connection';
