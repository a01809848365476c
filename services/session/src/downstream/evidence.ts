import type { AuthenticateUserV1, RequestOf } from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { CERTIFICATE_ALGORITHMS, SIGNATURE_ALGORITHMS } from '@sallyport/ssh-keys';
import type { AuthAttempt } from '@sallyport/ssh-wire';

export type Evidence = RequestOf<typeof AuthenticateUserV1>['evidence'];

/** What evidence is made for. */
export interface EvidenceContext {
  /** Base64 of the X25519 key that passwords and codes are sealed to. */
  readonly sealTo: string;
  /** SHA-256 of the session identifier, hex: what is sealed is worth something on this connection alone. */
  readonly connection: string;
  /** What asset said of the first of two factors. */
  readonly firstFactor: string | undefined;
}

const knownAlgorithms = new Set<string>([...Object.values(SIGNATURE_ALGORITHMS).flat(), ...CERTIFICATE_ALGORITHMS]);

export const isKnownAlgorithm = (name: string): boolean => knownAlgorithms.has(name);

/**
 * What a client's attempt proves, for `asset` to judge; undefined when that is nothing, or not what is asked for now: after
 * a first factor only the code is.
 */
export async function evidenceOf(attempt: AuthAttempt, context: EvidenceContext): Promise<Evidence | undefined> {
  const { sealTo, connection, firstFactor } = context;
  switch (attempt.method) {
    case 'password':
      if (firstFactor !== undefined) return undefined;
      return { method: 'password', password: await seal(sealTo, attempt.password, connection) };
    case 'answers': {
      const [typed] = attempt.answers;
      if (!typed) return undefined;
      const sealed = await seal(sealTo, typed, connection);
      return firstFactor === undefined
        ? { method: 'password', password: sealed }
        : { method: 'code', code: sealed, firstFactor };
    }
    case 'publickey':
      if (firstFactor !== undefined || !isKnownAlgorithm(attempt.algorithm)) return undefined;
      return {
        method: 'publickey',
        signed: attempt.signed.toString('base64'),
        signature: attempt.signature.toString('base64'),
      };
    default:
      return undefined;
  }
}
