import { formatUserauthRequest, SshFormatError, SshReader, SshWriter } from '@sallyport/ssh-keys';
import { EventQueue } from '../event-queue.js';
import { Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import { readSignatureAlgorithms } from '../transport/ext-info.js';
import type { Transport } from '../transport/transport.js';

/** What to try at the server. */
export type Credential =
  | {
      readonly method: 'password';
      /** UTF-8. Not kept, not wiped: that is for the caller, after the next question. */
      readonly password: Buffer;
    }
  | {
      readonly method: 'publickey';
      /** Key blob, RFC 4253 section 6.6. */
      readonly publicKey: Buffer;
      /** Signature algorithms that the key can do, best first. */
      readonly algorithms: readonly string[];
      /** Signs the bytes of RFC 4252 section 7, wherever the key is. Gives a signature blob: `string algorithm, string value`. */
      sign(request: Buffer): Promise<Buffer>;
    };

export interface AuthRefusal {
  readonly method: Credential['method'];
  /** Methods that the server would still take. */
  readonly methods: readonly string[];
  /** The credential was good, and the server wants another one as well (RFC 4252 section 5.1). */
  readonly partial: boolean;
  /** The server said that the password has expired and must be changed. */
  readonly expired: boolean;
}

/** Asked first without, then after each refusal; undefined gives up. */
export type NextCredential = (refusal?: AuthRefusal) => Promise<Credential | undefined>;

type Answer =
  | { kind: 'success' }
  | { kind: 'failure'; methods: string[]; partial: boolean }
  | { kind: 'question'; payload: Buffer };

/** Prompts of one keyboard-interactive round that we answer; a password is one. */
const PROMPT_LIMIT = 1;
const ROUND_LIMIT = 5;

/**
 * The client's side of user authentication (RFC 4252), on one connection: what is refused is followed by what `next`
 * gives. A password is offered as method `password`, and as the answer to a single hidden prompt of
 * `keyboard-interactive` where the server takes only that.
 * @param answerMs how long the server may take for each answer
 * @throws SshError `refused` when `next` gives up; `closed` when the server ends the connection, as after too many attempts;
 * `timeout` when it does not answer, `protocol` when it does not answer properly
 */
export async function requestUserAuth(
  transport: Transport,
  user: string,
  next: NextCredential,
  answerMs: number,
): Promise<void> {
  const exchange = new AuthExchange(transport, user, answerMs);
  let credential = await next();
  while (credential) {
    const refusal = await exchange.attempt(credential);
    if (!refusal) return;
    credential = await next(refusal);
  }
  throw new SshError('refused', 'the server refused all credentials');
}

class AuthExchange {
  readonly #answers: AsyncIterator<Answer>;
  #signatureAlgorithms: string[] | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly user: string,
    private readonly answerMs: number,
  ) {
    const answers = new EventQueue<Answer>({ limit: 16 });
    this.#answers = answers[Symbol.asyncIterator]();
    void transport.closed.then(() => {
      answers.end();
    });
    transport.receive((type, payload) => {
      if (type === Message.extInfo) this.#signatureAlgorithms ??= readSignatureAlgorithms(payload);
      else if (type !== Message.serviceAccept && type !== Message.userauthBanner)
        answers.push(readAnswer(type, payload));
      // What comes after success belongs to the layer above.
      if (type === Message.userauthSuccess) transport.receive(undefined);
    });
    // RFC 4252 section 4 lets us ask for the service and send the first request without a round trip between.
    transport.send(new SshWriter().byte(Message.serviceRequest).string('ssh-userauth').bytes());
  }

  /** @returns undefined when the server accepted it */
  async attempt(credential: Credential): Promise<AuthRefusal | undefined> {
    const { method } = credential;
    if (method === 'publickey') return refusal(method, await this.#sign(credential));
    const answer = await this.#password(credential.password);
    if (answer.kind !== 'failure' || answer.partial || !onlyPrompts(answer.methods)) return refusal(method, answer);
    return refusal(method, await this.#prompts(credential.password));
  }

  /** byte, string user, string service, string "password", boolean FALSE, string password (RFC 4252 section 8) */
  #password(password: Buffer): Promise<Answer> {
    const head = this.#request('password').boolean(false).uint32(password.length).bytes();
    this.transport.send(head, password);
    return this.#answer();
  }

  /** RFC 4252 section 7, with the signature at once: the query without one would only cost a round trip. */
  async #sign(credential: Credential & { method: 'publickey' }): Promise<Answer> {
    const accepted = this.#signatureAlgorithms;
    const algorithm = credential.algorithms.find((name) => accepted?.includes(name)) ?? credential.algorithms[0];
    if (algorithm === undefined) throw new Error('a key needs an algorithm');
    const toSign = formatUserauthRequest({
      sessionId: this.transport.sessionId,
      userName: this.user,
      serviceName: 'ssh-connection',
      algorithm,
      publicKeyBlob: credential.publicKey,
    });
    const signature = await credential.sign(toSign);
    const request = toSign.subarray(4 + this.transport.sessionId.length);
    this.transport.send(request, new SshWriter().string(signature).bytes());
    return this.#answer();
  }

  /** RFC 4256: PAM on the server asks for the password itself. */
  async #prompts(password: Buffer): Promise<Answer> {
    this.transport.send(this.#request('keyboard-interactive').string('').string('').bytes());
    for (let round = 0; round < ROUND_LIMIT; round += 1) {
      const answer = await this.#answer();
      if (answer.kind !== 'question') return answer;
      const hidden = readHiddenPrompts(answer.payload);
      const response = new SshWriter().byte(Message.userauthInfoResponse).uint32(hidden);
      if (hidden === 0) this.transport.send(response.bytes());
      else this.transport.send(response.uint32(password.length).bytes(), password);
    }
    throw new SshError('protocol', 'the server asks too many questions');
  }

  #request(method: string): SshWriter {
    return new SshWriter().byte(Message.userauthRequest).string(this.user).string('ssh-connection').string(method);
  }

  async #answer(): Promise<Answer> {
    // What is no answer, such as a banner, does not stop the clock.
    const late = setTimeout(() => {
      this.transport.giveUp();
    }, this.answerMs);
    const result = await this.#answers.next();
    clearTimeout(late);
    if (!result.done) return result.value;
    throw (await this.transport.closed) ?? new SshError('closed', 'the server left during authentication');
  }
}

function readAnswer(type: number, payload: Buffer): Answer {
  const reader = new SshReader(payload.subarray(1));
  switch (type) {
    case Message.userauthSuccess:
      return { kind: 'success' };
    case Message.userauthFailure:
      return { kind: 'failure', methods: reader.nameList(), partial: reader.boolean() };
    case Message.userauthInfoRequest:
      return { kind: 'question', payload };
    default:
      throw new SshError('protocol', `message ${type} is not an answer to an authentication request`);
  }
}

/** string name, string instruction, string language, int count, then (string prompt, boolean echo) each (RFC 4256 section 3.2) */
export function readHiddenPrompts(payload: Buffer): number {
  try {
    return hiddenPrompts(new SshReader(payload.subarray(1)));
  } catch (error) {
    if (!(error instanceof SshFormatError)) throw error;
    throw new SshError('protocol', error.message, { cause: error });
  }
}

function hiddenPrompts(reader: SshReader): number {
  for (let field = 0; field < 3; field += 1) reader.string();
  const count = reader.uint32();
  if (count > PROMPT_LIMIT) throw new SshError('refused', 'the server asks for more than a password');
  if (count === 1) {
    reader.string();
    if (reader.boolean()) throw new SshError('refused', 'the server asks for something other than a password');
  }
  return count;
}

function refusal(method: Credential['method'], answer: Answer): AuthRefusal | undefined {
  if (answer.kind === 'success') return undefined;
  if (answer.kind === 'failure') return { method, methods: answer.methods, partial: answer.partial, expired: false };
  return { method, methods: [], partial: false, expired: true };
}

function onlyPrompts(methods: readonly string[]): boolean {
  return methods.includes('keyboard-interactive') && !methods.includes('password');
}
