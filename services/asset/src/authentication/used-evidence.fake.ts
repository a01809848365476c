import { UsedEvidence } from './used-evidence.js';

export class FakeUsedEvidence extends UsedEvidence {
  readonly #used = new Set<string>();

  claim(digest: Buffer): Promise<boolean> {
    const key = digest.toString('hex');
    const first = !this.#used.has(key);
    this.#used.add(key);
    return Promise.resolve(first);
  }
}
