import { type GrantClaims, HostKeyRefused, ReportHostKeyV1 } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { fingerprint } from '@sallyport/ssh-keys';
import type { TokenVerifier } from '@sallyport/tokens';
import { recordRefusedToken } from '../access/record-refused-token.js';
import { hostKeyFromBlob } from './host-key.js';
import type { HostKeys } from './host-keys.js';

/** Records that a host showed a key that it is not known by. Changes nothing. */
export class ReportHostKey {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly hostKeys: HostKeys,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @param hostKey the key blob, RFC 4253 section 6.6
   * @throws DomainError `grant.invalid`, `grant.expired`, `audit.unavailable`
   */
  async run(grantToken: string, hostKey: Buffer): Promise<void> {
    const about = { contract: ReportHostKeyV1 };
    await this.record(await recordRefusedToken(this.audit, about, this.verifier.grant(grantToken)), hostKey);
  }

  async record({ host, sessionId, userId }: GrantClaims, hostKey: Buffer): Promise<void> {
    const { hostId, name: hostName } = host;
    const pinned = (await this.hostKeys.of(hostId)).map((key) => key.fingerprint);
    const event = { hostId, hostName, keyType: typeOf(hostKey), seen: fingerprint(hostKey), pinned, sessionId, userId };
    await this.audit.publish(HostKeyRefused, event);
  }
}

/** A key that we cannot read is reported as well: that it is there is the news. */
function typeOf(blob: Buffer): string {
  try {
    return hostKeyFromBlob(blob).type;
  } catch {
    return 'unknown';
  }
}
