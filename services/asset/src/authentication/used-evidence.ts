/** Port: evidence that has done its work. It is kept for ever, since a signature carries no time after which it is void. */
export abstract class UsedEvidence {
  /** True for the first who claims the digest, in a transaction that commits; false for all others. */
  abstract claim(digest: Buffer): Promise<boolean>;
}
