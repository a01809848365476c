import type { CertificateRevocationId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { IsNull } from 'typeorm';
import { RevocationEntity } from './revocation.entity.js';
import type { StoredRevocation } from './revocation.js';
import { Revocations } from './revocations.js';

export class DatabaseRevocations extends Revocations {
  constructor(private readonly database: Database) {
    super();
  }

  async add(revocation: StoredRevocation): Promise<StoredRevocation> {
    const { authority, serial = null, keyId = null } = revocation;
    const row = { ...revocation, serial, keyId };
    await this.#rows.createQueryBuilder().insert().values(row).orIgnore().execute();
    const where = { authority, serial: serial ?? IsNull(), keyId: keyId ?? IsNull() };
    return fromRow(await this.#rows.findOneByOrFail(where));
  }

  async of(authority: string): Promise<StoredRevocation[]> {
    return (await this.#rows.find({ where: { authority }, order: { revokedAt: 'ASC', id: 'ASC' } })).map(fromRow);
  }

  cover(authority: string, serial: string, keyId: string): Promise<boolean> {
    return this.#rows.existsBy([
      { authority, serial },
      { authority, keyId },
    ]);
  }

  async remove(authority: string, id: CertificateRevocationId): Promise<StoredRevocation | undefined> {
    const row = await this.#rows.findOneBy({ authority, id });
    const { affected } = await this.#rows.delete({ authority, id });
    return row && affected === 1 ? fromRow(row) : undefined;
  }

  get #rows(): Repository<RevocationEntity> {
    return this.database.manager.getRepository(RevocationEntity);
  }
}

function fromRow({ serial, keyId, ...row }: RevocationEntity): StoredRevocation {
  return { ...row, serial: serial ?? undefined, keyId: keyId ?? undefined };
}
