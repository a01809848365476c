import type { AccountId, HostAccount, HostId, SecretState } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('accounts')
export class AccountEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: AccountId;

  @Column({ name: 'host_id', type: 'uuid' })
  hostId!: HostId;

  @Column({ name: 'secret_name', type: 'text' })
  secretName!: string;

  @Column({ name: 'region_id', type: 'text' })
  regionId!: string;

  @Column({ name: 'user_name', type: 'text' })
  userName!: string;

  @Column({ type: 'text' })
  kind!: HostAccount['kind'];

  @Column({ name: 'secret_state', type: 'text', default: 'unknown' })
  secretState!: SecretState;
}
