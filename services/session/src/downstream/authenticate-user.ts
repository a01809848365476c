import { createHash } from 'node:crypto';
import { AuthenticateUserV1, ProbePublicKeyV1 } from '@sallyport/contracts';
import type { IdentityClaims, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { seal } from '@sallyport/sealing';
import { SIGNATURE_ALGORITHMS } from '@sallyport/ssh-keys';
import type { AuthAttempt, AuthMethod, AuthVerdict } from '@sallyport/ssh-wire';
import type { TokenVerifier } from '@sallyport/tokens';
import { readUserName } from './user-name.js';
import type { TypedName } from './user-name.js';

type Evidence = RequestOf<typeof AuthenticateUserV1>['evidence'];

export interface AuthenticationRules {
  /** Base64 of the X25519 key that passwords are sealed to. */
  readonly sealTo: string;
  /** Passwords and signatures that may be wrong. */
  readonly maxTries: number;
}

/** What of the client's connection goes with the evidence. */
export interface ClientConnection {
  readonly address: string;
  /** Session identifier, RFC 4253 section 7.2. */
  readonly sessionId: Buffer;
  /** Shows one line to the user. */
  tell(error: unknown): string;
}

export interface Authenticated {
  /** Token for `asset`. */
  readonly identity: string;
  readonly claims: IdentityClaims;
  readonly typed: TypedName;
}

const methods: readonly AuthMethod[] = ['publickey', 'password'];
const knownAlgorithms = new Set<string>(Object.values(SIGNATURE_ALGORITHMS).flat());
/** Keys that a client may offer without proof: an agent with many keys must get to the right one (A6). */
const MAX_KEY_OFFERS = 64;

/**
 * Answers the attempts of one client connection. It forwards what the client proves, and `asset` judges it: the identity is that of
 * the key that signed or the password that was right. A key that is only offered leaves nothing behind but a count (A5).
 */
export class AuthenticateUser {
  result: Authenticated | undefined;
  #wrong = 0;
  #offers = 0;

  constructor(
    private readonly bus: Bus,
    private readonly verifier: TokenVerifier,
    private readonly rules: AuthenticationRules,
    private readonly client: ClientConnection,
  ) {}

  async decide(attempt: AuthAttempt): Promise<AuthVerdict> {
    try {
      const typed = readUserName(attempt.user);
      if (attempt.method === 'publickey-query') return await this.#judgeOffer(typed, attempt);
      const evidence = await this.#evidence(attempt);
      if (!evidence) return { kind: 'refuse', methods };
      this.result = await this.#authenticate(typed, attempt.user, evidence);
      return { kind: 'accept' };
    } catch (error) {
      return this.#refuse(error);
    }
  }

  async #judgeOffer({ username }: TypedName, offer: AuthAttempt & { method: 'publickey-query' }): Promise<AuthVerdict> {
    this.#offers += 1;
    if (this.#offers > MAX_KEY_OFFERS) {
      throw new DomainError(
        'access.forbidden',
        `no more than ${MAX_KEY_OFFERS} keys may be offered; choose one with ssh -i`,
      );
    }
    if (!knownAlgorithms.has(offer.algorithm)) return { kind: 'refuse', methods };
    const publicKey = offer.publicKey.toString('base64');
    const { acceptable } = await this.bus.request(ProbePublicKeyV1, { username, publicKey });
    return acceptable ? { kind: 'sign' } : { kind: 'refuse', methods };
  }

  async #evidence(attempt: AuthAttempt): Promise<Evidence | undefined> {
    switch (attempt.method) {
      case 'password':
        return {
          method: 'password',
          password: await seal(this.rules.sealTo, attempt.password, this.#connection),
        };
      case 'publickey':
        if (!knownAlgorithms.has(attempt.algorithm)) return undefined;
        return {
          method: 'publickey',
          signed: attempt.signed.toString('base64'),
          signature: attempt.signature.toString('base64'),
        };
      default:
        return undefined;
    }
  }

  async #authenticate(typed: TypedName, sshUserName: string, evidence: Evidence): Promise<Authenticated> {
    const { username } = typed;
    const { identity } = await this.bus.request(AuthenticateUserV1, {
      username,
      sshUserName,
      clientAddress: this.client.address,
      connection: this.#connection,
      evidence,
    });
    const claims = await this.verifier.identity(identity, 'ssh');
    if (claims.connection !== this.#connection) {
      throw new DomainError('access.unauthenticated', 'the identity is for another connection');
    }
    return { identity, claims, typed };
  }

  /** Evidence that is wrong may be followed by other evidence; whatever else is in the way will be there next time as well. */
  #refuse(error: unknown): AuthVerdict {
    const wrong = error instanceof DomainError && error.code === 'access.unauthenticated';
    if (wrong) this.#wrong += 1;
    // One line is enough: a client that tries five keys should not print it five times.
    const text = wrong && this.#wrong > 1 ? undefined : this.client.tell(error);
    if (wrong && this.#wrong < this.rules.maxTries) return { kind: 'refuse', methods };
    return { kind: 'disconnect', text: text ?? 'too many attempts' };
  }

  get #connection(): string {
    return createHash('sha256').update(this.client.sessionId).digest('hex');
  }
}
