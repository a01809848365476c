import type {
  AccountId,
  AuthorizationId,
  GroupId,
  HostId,
  ProtocolPolicy,
  SessionLimits,
  UserId,
} from '@sallyport/contracts';
import { Column, CreateDateColumn, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from 'typeorm';

@Entity('authorizations')
export class AuthorizationEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: AuthorizationId;

  @Column({ name: 'user_id', type: 'uuid', nullable: true })
  userId!: UserId | null;

  @Column({ name: 'user_group_id', type: 'uuid', nullable: true })
  userGroupId!: GroupId | null;

  @Column({ name: 'host_id', type: 'uuid', nullable: true })
  hostId!: HostId | null;

  @Column({ name: 'host_group_id', type: 'uuid', nullable: true })
  hostGroupId!: GroupId | null;

  /** Says that the list does not count, so that one which became empty, its accounts being deleted, permits nothing. */
  @Column({ name: 'all_accounts', type: 'boolean' })
  allAccounts!: boolean;

  @OneToMany(() => AuthorizedAccountEntity, (account) => account.authorization)
  accounts!: AuthorizedAccountEntity[];

  @Column({ name: 'valid_from', type: 'timestamptz', nullable: true })
  validFrom!: Date | null;

  @Column({ name: 'valid_until', type: 'timestamptz', nullable: true })
  validUntil!: Date | null;

  /** What a row from before a switch came leaves out has its default. */
  @Column({ type: 'jsonb' })
  policy!: Partial<ProtocolPolicy>;

  @Column({ type: 'jsonb' })
  limits!: SessionLimits;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

@Entity('authorized_accounts')
export class AuthorizedAccountEntity {
  @PrimaryColumn({ name: 'authorization_id', type: 'uuid' })
  authorizationId!: AuthorizationId;

  @PrimaryColumn({ name: 'account_id', type: 'uuid' })
  accountId!: AccountId;

  @ManyToOne(() => AuthorizationEntity, (authorization) => authorization.accounts)
  @JoinColumn({ name: 'authorization_id' })
  authorization!: unknown;
}
