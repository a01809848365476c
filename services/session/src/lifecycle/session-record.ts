import {
  ChannelClosed,
  ChannelOpened,
  ChannelRefused,
  SessionClosed,
  SessionOpened,
  SessionRefused,
} from '@sallyport/contracts';
import type { EventData, IdentityClaims, SessionId } from '@sallyport/contracts';
import { replicaId } from '@sallyport/messaging';
import type { AuditPublisher } from '@sallyport/messaging';
import { counter } from '@sallyport/telemetry';
import type { Logger } from '@sallyport/telemetry';
import type { FileRecord } from '../relay/file-acts.js';
import type { RelayedBytes } from '../relay/relay-bytes.js';
import type { ChannelSummary, Start } from '../relay/relay-channel.js';
import type { LoggedOn } from '../upstream/log-on.js';
import { AuditedFiles } from './file-record.js';
import { ForwardRecord } from './forward-record.js';

export type CloseReason = EventData<typeof SessionClosed>['reason'];

const opened = counter('sallyport.session.opened', 'Logons that reached a target');
const refused = counter('sallyport.session.refused', 'Authenticated users who did not reach a target');

/** There are about twenty. */
const KINDS_REFUSED = 64;

/** What the audit log gets to know of one session. What is enforced has been stored when its promise resolves. */
export class SessionRecord {
  #openedAt: number | undefined;
  #channels = 0;
  #bytesUp = 0;
  #bytesDown = 0;
  readonly #kindsRefused = new Set<string>();

  constructor(
    private readonly audit: AuditPublisher,
    private readonly log: Logger,
    private readonly sessionId: SessionId,
    private readonly who: IdentityClaims,
  ) {}

  /** @throws DomainError `audit.unavailable`: then nothing may be relayed */
  async opened({ grant, hostKeyFingerprint, versionId, attempts }: LoggedOn): Promise<void> {
    const { host, account, grantId } = grant;
    await this.audit.publish(SessionOpened, {
      sessionId: this.sessionId,
      userId: this.who.userId,
      username: this.who.username,
      clientAddress: this.who.clientAddress,
      hostId: host.hostId,
      hostName: host.name,
      address: host.address,
      port: host.port,
      accountId: account.accountId,
      accountName: account.userName,
      grantId,
      secretVersionId: versionId,
      hostKeyFingerprint,
      attempts,
      replica: replicaId,
    });
    this.#openedAt = Date.now();
    opened.add(1);
  }

  async refused(target: string, code: string): Promise<void> {
    refused.add(1, { code });
    const { userId, username, clientAddress } = this.who;
    await this.audit.publish(SessionRefused, {
      sessionId: this.sessionId,
      userId,
      username,
      clientAddress,
      target,
      code,
    });
  }

  /** Nothing is said of a session that was never opened. */
  async closed(reason: CloseReason): Promise<void> {
    if (this.#openedAt === undefined) return;
    const data = {
      sessionId: this.sessionId,
      userId: this.who.userId,
      reason,
      durationMs: Date.now() - this.#openedAt,
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
    };
    // The process lives, so nobody would take the session for lost: without this it would be open for ever.
    await this.audit.publish(SessionClosed, data, { keep: true });
  }

  /** The number of the next channel, from 0. */
  nextChannel(): number {
    const channel = this.#channels;
    this.#channels += 1;
    return channel;
  }

  /** @throws DomainError `audit.unavailable`: then the start must not reach the target */
  async channelOpened(channel: number, { kind, command, terminal }: Start): Promise<void> {
    const started = { kind, terminal, ...(command !== undefined && { command }) };
    await this.audit.publish(ChannelOpened, { ...this.channel(channel), ...started });
  }

  /** The record of the connections that are forwarded. */
  forwards(): ForwardRecord {
    return new ForwardRecord(this.audit, { sessionId: this.sessionId, userId: this.who.userId });
  }

  /** What went through, for the sum at the end. */
  relayed({ bytesUp, bytesDown }: RelayedBytes): void {
    this.#bytesUp += bytesUp;
    this.#bytesDown += bytesDown;
  }

  async channelClosed(channel: number, summary: ChannelSummary): Promise<void> {
    this.relayed(summary);
    await this.audit.publish(ChannelClosed, { ...this.channel(channel), ...summary });
  }

  /** Once for each kind, and for so many kinds: a client can ask for what it likes as often as it likes. */
  channelRefused(channel: number, kind: string, reason: string): void {
    const name = kind.slice(0, 64);
    if (this.#kindsRefused.has(name) || this.#kindsRefused.size >= KINDS_REFUSED) return;
    this.#kindsRefused.add(name);
    this.audit.publish(ChannelRefused, { ...this.channel(channel), kind: name, reason }).catch((error: unknown) => {
      // It is refused all the same; the publisher has logged and counted the failure.
      this.log.debug({ err: error }, 'a refusal was not recorded');
    });
  }

  /** The record of what a channel does to files. */
  files(channel: number, protocol: 'sftp' | 'scp'): FileRecord {
    return new AuditedFiles(this.audit, { ...this.channel(channel), protocol });
  }

  /** Whose channel it is. */
  channel(channel: number): { sessionId: SessionId; userId: IdentityClaims['userId']; channel: number } {
    return { sessionId: this.sessionId, userId: this.who.userId, channel };
  }
}
