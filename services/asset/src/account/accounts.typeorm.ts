import type { AccountId, GroupId, HostId, SecretState } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { In, MoreThan } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import type { StoredAccount } from './accounts.js';
import { Accounts } from './accounts.js';

export class DatabaseAccounts extends Accounts {
  constructor(private readonly database: Database) {
    super();
  }

  async add(account: StoredAccount): Promise<boolean> {
    const inserted = await this.#rows
      .createQueryBuilder()
      .insert()
      .values({ ...account })
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }

  async of(...hostIds: HostId[]): Promise<StoredAccount[]> {
    const rows = await this.#rows.find({
      where: { hostId: In(hostIds) },
      order: { userName: 'ASC', secretName: 'ASC' },
    });
    return rows.map(fromRow);
  }

  async inGroup(hostGroupId: GroupId): Promise<StoredAccount[]> {
    const rows = await this.#rows
      .createQueryBuilder('a')
      .where('a.host_id IN (SELECT member_id FROM host_group_members WHERE group_id = :hostGroupId)', { hostGroupId })
      .getMany();
    return rows.map(fromRow);
  }

  async after(id: AccountId | undefined, limit: number): Promise<StoredAccount[]> {
    const rows = await this.#rows.find({
      ...(id === undefined ? {} : { where: { id: MoreThan(id) } }),
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(fromRow);
  }

  async setSecretState(id: AccountId, before: SecretState, after: SecretState): Promise<boolean> {
    const { affected } = await this.#rows.update({ id, secretState: before }, { secretState: after });
    return affected === 1;
  }

  async remove(hostId: HostId, id: AccountId): Promise<StoredAccount | undefined> {
    const row = await this.#rows.findOneBy({ hostId, id });
    if (!row) return undefined;
    const { affected } = await this.#rows.delete({ id });
    return affected === 1 ? fromRow(row) : undefined;
  }

  get #rows(): Repository<AccountEntity> {
    return this.database.manager.getRepository(AccountEntity);
  }
}

function fromRow({ id, hostId, secretName, regionId, userName, kind, secretState }: AccountEntity): StoredAccount {
  return { id, hostId, secretName, regionId, userName, kind, secretState };
}
