import { createHash } from 'node:crypto';
import { AuthenticateUserV1, ProbePublicKeyV1 } from '@sallyport/contracts';
import type { IdentityClaims, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import type { AuthAttempt, AuthMethod, AuthVerdict } from '@sallyport/ssh-wire';
import type { TokenVerifier } from '@sallyport/tokens';
import { evidenceOf, isKnownAlgorithm } from './evidence.js';
import type { Evidence } from './evidence.js';
import { readUserName } from './user-name.js';
import type { TypedName } from './user-name.js';

type Answer = ReplyOf<typeof AuthenticateUserV1>;

export interface AuthenticationRules {
  /** Base64 of the X25519 key that passwords and codes are sealed to. */
  readonly sealTo: string;
  /** Passwords, codes and signatures that may be wrong. */
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

const methods: readonly AuthMethod[] = ['publickey', 'password', 'keyboard-interactive'];
/** Once the first factor was right. */
const secondMethods: readonly AuthMethod[] = ['keyboard-interactive'];
/** Keys that a client may offer without proof: an agent with many keys must get to the right one (A6). */
const MAX_KEY_OFFERS = 64;

/**
 * Answers the attempts of one client connection. It forwards what the client proves, and `asset` judges it: the identity is that of
 * the key that signed or the password that was right. A key that is only offered leaves nothing behind but a count (A5). For a
 * user with one-time codes, the first proof is a partial success, and `keyboard-interactive` asks for the code.
 */
export class AuthenticateUser {
  result: Authenticated | undefined;
  #wrong = 0;
  #offers = 0;
  #firstFactor: string | undefined;

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
      if (attempt.method === 'keyboard-interactive') return this.#ask();
      const evidence = await evidenceOf(attempt, {
        sealTo: this.rules.sealTo,
        connection: this.#connection,
        firstFactor: this.#firstFactor,
      });
      if (!evidence) return this.#refusal();
      const answer = await this.#authenticate(typed, attempt.user, evidence);
      if ('firstFactor' in answer) return this.#goOn(attempt, answer.firstFactor);
      this.result = await this.#believe(typed, answer.identity);
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
    if (this.#firstFactor !== undefined || !isKnownAlgorithm(offer.algorithm)) return this.#refusal();
    const publicKey = offer.publicKey.toString('base64');
    const { acceptable } = await this.bus.request(ProbePublicKeyV1, { username, publicKey });
    return acceptable ? { kind: 'sign' } : this.#refusal();
  }

  #authenticate({ username }: TypedName, sshUserName: string, evidence: Evidence): Promise<Answer> {
    const { address: clientAddress } = this.client;
    const connection = this.#connection;
    return this.bus.request(AuthenticateUserV1, { username, sshUserName, clientAddress, connection, evidence });
  }

  async #believe(typed: TypedName, identity: string): Promise<Authenticated> {
    const claims = await this.verifier.identity(identity, 'ssh');
    if (claims.connection !== this.#connection) {
      throw new DomainError('access.unauthenticated', 'the identity is for another connection');
    }
    return { identity, claims, typed };
  }

  /** The first factor was right: a code is needed as well (RFC 4252 section 5.1), in the same dialogue where there is one. */
  #goOn({ method }: AuthAttempt, firstFactor: string): AuthVerdict {
    this.#firstFactor = firstFactor;
    return method === 'answers' ? this.#ask() : { ...this.#refusal(), partial: true };
  }

  #ask(): AuthVerdict {
    const text = this.#firstFactor === undefined ? 'Password: ' : 'One-time code: ';
    return { kind: 'ask', prompts: [{ text, echo: false }] };
  }

  /** Evidence that is wrong may be followed by other evidence; whatever else is in the way will be there next time as well. */
  #refuse(error: unknown): AuthVerdict {
    const wrong = error instanceof DomainError && error.code === 'access.unauthenticated';
    if (wrong) this.#wrong += 1;
    // One line is enough: a client that tries five keys should not print it five times.
    const text = wrong && this.#wrong > 1 ? undefined : this.client.tell(error);
    if (wrong && this.#wrong < this.rules.maxTries) return this.#refusal();
    return { kind: 'disconnect', text: text ?? 'too many attempts' };
  }

  #refusal(): AuthVerdict & { kind: 'refuse' } {
    return { kind: 'refuse', methods: this.#firstFactor === undefined ? methods : secondMethods };
  }

  get #connection(): string {
    return createHash('sha256').update(this.client.sessionId).digest('hex');
  }
}
