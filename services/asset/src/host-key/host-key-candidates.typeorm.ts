import type { HostId, HostKeyCandidate } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { In, type Repository } from 'typeorm';
import { HostKeyCandidateEntity } from './host-key-candidate.entity.js';
import { HostKeyCandidates } from './host-key-candidates.js';

export class DatabaseHostKeyCandidates extends HostKeyCandidates {
  constructor(private readonly database: Database) {
    super();
  }

  async of(hostId: HostId): Promise<HostKeyCandidate[]> {
    const rows = await this.#rows.find({ where: { hostId }, order: { seenAt: 'ASC', fingerprint: 'ASC' } });
    return rows.map(fromRow);
  }

  async add(candidate: HostKeyCandidate): Promise<void> {
    await this.#rows.insert({ ...candidate, seenAt: new Date(candidate.seenAt) });
  }

  async remove(hostId: HostId, fingerprints: readonly string[]): Promise<void> {
    await this.#rows.delete({ hostId, fingerprint: In([...fingerprints]) });
  }

  async removeOf(hostId: HostId): Promise<void> {
    await this.#rows.delete({ hostId });
  }

  async after(key: string | undefined, limit: number, hostId?: HostId): Promise<HostKeyCandidate[]> {
    const order = `(c.host_id::text || ' ' || c.fingerprint) COLLATE "C"`;
    const query = this.#rows.createQueryBuilder('c').where('true');
    if (key !== undefined) query.andWhere(`${order} > :key`, { key });
    if (hostId !== undefined) query.andWhere('c.host_id = :hostId', { hostId });
    return (await query.orderBy(order).limit(limit).getMany()).map(fromRow);
  }

  get #rows(): Repository<HostKeyCandidateEntity> {
    return this.database.manager.getRepository(HostKeyCandidateEntity);
  }
}

function fromRow({ seenAt, ...candidate }: HostKeyCandidateEntity): HostKeyCandidate {
  return { ...candidate, seenAt: seenAt.toISOString() };
}
