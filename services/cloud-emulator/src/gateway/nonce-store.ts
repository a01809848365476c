/** The nonces that each access key has used. In memory: a restart forgets them. */
export class NonceStore {
  readonly #usedUntil = new Map<string, number>();

  /** @param keepMs for how long a nonce stays used: the whole time window, past and future together */
  constructor(private readonly keepMs: number) {}

  /** True once for each key and nonce. Call it only after the signature was found right. */
  use(accessKeyId: string, nonce: string, now: Date): boolean {
    this.#forgetOld(now.getTime());
    const id = `${accessKeyId}\n${nonce}`;
    if (this.#usedUntil.has(id)) return false;
    this.#usedUntil.set(id, now.getTime() + this.keepMs);
    return true;
  }

  /** A Map keeps the order of insertion, so the oldest come first. */
  #forgetOld(nowMs: number): void {
    for (const [id, until] of this.#usedUntil) {
      if (until > nowMs) break;
      this.#usedUntil.delete(id);
    }
  }
}
