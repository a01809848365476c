import { AuthorizeAccessV1, PrepareCredentialV1, ReleaseCredentialV1 } from '@sallyport/contracts';
import type { GrantClaims, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { SealingKey } from '@sallyport/sealing';
import { DisconnectReason, SshError, SshTarget } from '@sallyport/ssh-wire';
import type { KeepaliveOptions, RekeyOptions } from '@sallyport/ssh-wire';
import { histogram, withSpan } from '@sallyport/telemetry';
import type { TokenVerifier } from '@sallyport/tokens';
import { dial } from './dial.js';
import { LongWait, type WaitFor } from './long-wait.js';
import { TargetCredentials } from './target-credentials.js';
import { algorithmsOfPinned, verifyHostKey } from './verify-host-key.js';
import type { VerifiedHostKey } from './verify-host-key.js';

export interface LogOnRules {
  readonly ident: string;
  readonly dialTimeoutMs: number;
  readonly keepalive: KeepaliveOptions;
  /** As ssh-wire does unless told. */
  readonly rekey?: RekeyOptions;
}

/** Logged on at the target; nothing is recorded or relayed yet. */
export interface LoggedOn {
  readonly target: SshTarget;
  readonly grant: GrantClaims;
  readonly hostKeyFingerprint: string;
  readonly versionId: string;
  readonly attempts: number;
}

type Request = Pick<RequestOf<typeof AuthorizeAccessV1>, 'identity' | 'sessionId' | 'target'>;

const attempts = histogram(
  'sallyport.session.logon.attempts',
  'Values offered to a target in one logon',
  '1',
  [1, 2, 3],
);

/**
 * From an identity to a target that let us in: authorize, prepare, dial, key exchange, host key, open, authenticate.
 * KMS has answered before the target is dialled, and the host key is verified before the credential is opened.
 * @see docs/architecture.md, "A logon"
 */
export class LogOn {
  constructor(
    private readonly bus: Bus,
    private readonly verifier: TokenVerifier,
    private readonly rules: LogOnRules,
  ) {}

  /**
   * @param left aborts when the client has left: nothing further is asked for then, and the target is not dialled
   * @param waiting called, once at most for each, when it takes long until there is a credential to try
   * @throws DomainError with what is to be shown to the user
   */
  async run(request: Request, left: AbortSignal, waiting: (what: WaitFor) => void): Promise<LoggedOn> {
    const sealing = await SealingKey.generate();
    const { grant: token } = await this.bus.request(AuthorizeAccessV1, { ...request, sealTo: sealing.publicKey });
    left.throwIfAborted();
    const grant = await this.verifier.grant(token);
    if (grant.sessionId !== request.sessionId || grant.sealTo !== sealing.publicKey) {
      throw new DomainError('grant.invalid', 'the grant is for another connection');
    }
    const { replica } = await this.#prepare(token, waiting);
    // The broker forgets it soon by itself; nobody waits for this.
    const release = (end?: RequestOf<typeof ReleaseCredentialV1>['end']): void => {
      const request = { grantId: grant.grantId, ...(end && { end }) };
      this.bus.request(ReleaseCredentialV1, request, { replica }).catch(() => undefined);
    };
    try {
      left.throwIfAborted();
      const loggedOn = await this.#enter(token, grant, replica, { sealing, left, waiting });
      release('accepted');
      return loggedOn;
    } catch (error) {
      const refused = error instanceof DomainError && error.code === 'target.refused-credential';
      release(refused ? 'refused' : undefined);
      throw error;
    }
  }

  /** Takes long where KMS is slow, and while another logon with the same credential goes first. */
  async #prepare(token: string, waiting: (what: WaitFor) => void): Promise<{ replica: string }> {
    const wait = new LongWait(() => {
      waiting('credential');
    });
    wait.begin();
    try {
      return await this.bus.request(PrepareCredentialV1, { grant: token });
    } finally {
      wait.end();
    }
  }

  async #enter(
    token: string,
    grant: GrantClaims,
    replica: string,
    { sealing, left, waiting }: { sealing: SealingKey; left: AbortSignal; waiting: (what: WaitFor) => void },
  ): Promise<LoggedOn> {
    const wait = new LongWait(() => {
      waiting('other-credential');
    });
    const { target, verified } = await this.#connect(token, grant);
    const leave = (): void => {
      target.disconnect(DisconnectReason.byApplication, 'the client left');
    };
    left.addEventListener('abort', leave);
    const { hostKey, hostKeySignature, sessionId: targetSessionId } = target;
    const credentials = new TargetCredentials(this.bus, sealing, {
      grant,
      replica,
      hostKey,
      hostKeySignature,
      verified,
      targetSessionId,
    });
    try {
      left.throwIfAborted();
      await withSpan('authenticate at target', () =>
        target.authenticate(grant.account.userName, (refusal) => {
          if (refusal) wait.begin();
          return credentials.next(refusal);
        }),
      );
    } catch (error) {
      target.disconnect(DisconnectReason.byApplication, 'logon failed');
      throw refusedLogon(error, credentials.attempts);
    } finally {
      left.removeEventListener('abort', leave);
      wait.end();
      credentials.wipe();
      attempts.record(credentials.attempts);
    }
    const { versionId, attempts: made } = credentials;
    return { target, grant, hostKeyFingerprint: verified.fingerprint, versionId, attempts: made };
  }

  async #connect(token: string, grant: GrantClaims): Promise<{ target: SshTarget; verified: VerifiedHostKey }> {
    const { address, port } = grant.host;
    const socket = await withSpan('dial target', () => dial(address, port, this.rules.dialTimeoutMs));
    let verified: VerifiedHostKey | undefined;
    const { ident, keepalive, rekey, dialTimeoutMs: handshakeTimeoutMs } = this.rules;
    const options = { ident, keepalive, handshakeTimeoutMs, ...rekey };
    try {
      const target = await withSpan('exchange keys with target', () =>
        SshTarget.connect(socket, {
          ...options,
          preferHostKeyAlgorithms: algorithmsOfPinned(grant.host),
          verifyHostKey: async (key) => {
            verified = await verifyHostKey(this.bus, token, grant, key);
          },
        }),
      );
      if (!verified) throw new Error('connected without a verified host key');
      return { target, verified };
    } catch (error) {
      throw failedHandshake(error);
    }
  }
}

function failedHandshake(error: unknown): unknown {
  if (!(error instanceof SshError)) return error;
  return error.kind === 'handshake' || error.kind === 'protocol'
    ? new DomainError('target.unsupported', 'host and bastion have no common way to speak SSH', { cause: error })
    : new DomainError('target.unreachable', 'the host did not finish the key exchange', {
        retryable: true,
        cause: error,
      });
}

/** A server that ends the connection after it refused something has had enough of us. */
function refusedLogon(error: unknown, attempts: number): unknown {
  if (!(error instanceof SshError)) return error;
  if (error.kind === 'refused' || (error.kind === 'closed' && attempts > 0)) {
    return new DomainError('target.refused-credential', 'the host refuses the credential that KMS has for it', {
      cause: error,
    });
  }
  if (error.kind === 'protocol') {
    return new DomainError('target.unsupported', 'the host does not keep to the rules of the logon', { cause: error });
  }
  const what = error.kind === 'timeout' ? 'did not answer during the logon' : 'ended the connection during the logon';
  return new DomainError('target.unreachable', `the host ${what}`, { retryable: true, cause: error });
}
