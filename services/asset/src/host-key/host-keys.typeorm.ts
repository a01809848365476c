import type { HostId, HostKey } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { HostKeyEntity } from './host-key.entity.js';
import { HostKeys } from './host-keys.js';

export class DatabaseHostKeys extends HostKeys {
  constructor(private readonly database: Database) {
    super();
  }

  async of(hostId: HostId): Promise<HostKey[]> {
    const rows = await this.#rows.find({ where: { hostId }, order: { type: 'ASC', fingerprint: 'ASC' } });
    return rows.map(({ type, fingerprint, publicKey, source, pinnedAt }) => {
      return { type, fingerprint, publicKey, source, pinnedAt: pinnedAt.toISOString() };
    });
  }

  async add(hostId: HostId, key: HostKey): Promise<void> {
    await this.#rows.insert({ ...key, hostId, pinnedAt: new Date(key.pinnedAt) });
  }

  async removeOf(hostId: HostId): Promise<void> {
    await this.#rows.delete({ hostId });
  }

  get #rows(): Repository<HostKeyEntity> {
    return this.database.manager.getRepository(HostKeyEntity);
  }
}
