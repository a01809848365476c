import type { CertificateRevocationId } from '@sallyport/contracts';
import type { StoredRevocation } from './revocation.js';
import { Revocations } from './revocations.js';

export class FakeRevocations extends Revocations {
  #revocations: StoredRevocation[] = [];

  async add(revocation: StoredRevocation): Promise<StoredRevocation> {
    const { authority, serial, keyId } = revocation;
    const known = (await this.of(authority)).find((each) => each.serial === serial && each.keyId === keyId);
    if (!known) this.#revocations.push(revocation);
    return known ?? revocation;
  }

  of(authority: string): Promise<StoredRevocation[]> {
    return Promise.resolve(this.#revocations.filter((each) => each.authority === authority));
  }

  async cover(authority: string, serial: string, keyId: string): Promise<boolean> {
    return (await this.of(authority)).some((each) => each.serial === serial || each.keyId === keyId);
  }

  async remove(authority: string, id: CertificateRevocationId): Promise<StoredRevocation | undefined> {
    const gone = (await this.of(authority)).find((each) => each.id === id);
    this.#revocations = this.#revocations.filter((each) => each !== gone);
    return gone;
  }
}
