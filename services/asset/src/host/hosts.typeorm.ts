import type { HostId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { MoreThan } from 'typeorm';
import { HostEntity } from './host.entity.js';
import type { StoredHost } from './hosts.js';
import { Hosts } from './hosts.js';

/** Any number that nobody else locks in our database; "HOST" in ASCII. */
const NAMES_LOCK = 0x48_4f_53_54;

export class DatabaseHosts extends Hosts {
  constructor(private readonly database: Database) {
    super();
  }

  async lockNames(): Promise<void> {
    await this.database.manager.query(`SELECT pg_advisory_xact_lock(${NAMES_LOCK})`);
  }

  async add(host: StoredHost): Promise<void> {
    await this.#rows.insert(toRow(host)).catch(nameConflict);
  }

  async save(host: StoredHost): Promise<void> {
    await this.#rows.update({ id: host.id }, toRow(host)).catch(nameConflict);
  }

  async byId(id: HostId, forUpdate = false): Promise<StoredHost | undefined> {
    const lock = forUpdate ? { lock: { mode: 'pessimistic_write' as const } } : {};
    const row = await this.#rows.findOne({ where: { id }, ...lock });
    return row ? fromRow(row) : undefined;
  }

  async byInstance(regionId: string, instanceId: string): Promise<StoredHost | undefined> {
    const row = await this.#rows.findOneBy({ regionId, instanceId });
    return row ? fromRow(row) : undefined;
  }

  async called(text: string, limit: number): Promise<StoredHost[]> {
    const rows = await this.#rows
      .createQueryBuilder('h')
      .where('lower(h.name) = lower(:text) OR h.instance_id = :text OR h.address = :text', { text })
      .orderBy('h.name')
      .limit(limit)
      .getMany();
    return rows.map(fromRow);
  }

  async nameTaken(name: string, except?: HostId): Promise<boolean> {
    const query = this.#rows.createQueryBuilder('h').where('lower(h.name) = lower(:name)', { name });
    if (except !== undefined) query.andWhere('h.id <> :except', { except });
    return query.getExists();
  }

  async after(name: string | undefined, limit: number): Promise<StoredHost[]> {
    const rows = await this.#rows.find({
      ...(name === undefined ? {} : { where: { name: MoreThan(name) } }),
      order: { name: 'ASC' },
      take: limit,
    });
    return rows.map(fromRow);
  }

  async remove(id: HostId): Promise<void> {
    await this.#rows.delete({ id });
  }

  get #rows(): Repository<HostEntity> {
    return this.database.manager.getRepository(HostEntity);
  }
}

function toRow({ cloud, ...host }: StoredHost): HostEntity {
  return { ...host, cloudName: cloud.name, cloudAddress: cloud.address, cloudPort: cloud.port };
}

function fromRow({ cloudName, cloudAddress, cloudPort, ...host }: HostEntity): StoredHost {
  return { ...host, cloud: { name: cloudName, address: cloudAddress, port: cloudPort } };
}

function nameConflict(error: unknown): never {
  if (violatedConstraint(error)?.startsWith('hosts_'))
    throw new DomainError('host.exists', 'a host has this name already', { cause: error });
  throw error;
}
