import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet, second choice of Argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** A longer one is never right; the limit keeps strangers from making us hash megabytes. */
const LIMIT_BYTES = 1_024;

/** Hashes and checks passwords of users, argon2id in PHC string format. */
export class Passwords {
  private constructor(private readonly hashOfNothing: string) {}

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomBytes(32), ARGON2ID));
  }

  hash(password: Buffer): Promise<string> {
    return hash(password, ARGON2ID);
  }

  /**
   * Whether the password is the one that was hashed. Without a hash, as for a user that does not exist, the answer is
   * `false` and takes as long, so that time tells nobody which names exist.
   */
  async matches(stored: string | undefined, password: Buffer): Promise<boolean> {
    const fits = password.length <= LIMIT_BYTES;
    const same = await verify(stored ?? this.hashOfNothing, fits ? password : Buffer.alloc(0));
    return same && fits && stored !== undefined;
  }
}
