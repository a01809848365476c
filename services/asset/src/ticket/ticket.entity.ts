import type { AccountId, HostId, TicketId, UserId } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('tickets')
export class TicketEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: TicketId;

  @Column({ name: 'ticket_hash', type: 'text' })
  ticketHash!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: UserId;

  @Column({ name: 'host_id', type: 'uuid', nullable: true })
  hostId!: HostId | null;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: AccountId | null;

  @Column({ type: 'integer' })
  uses!: number;

  @Column({ name: 'uses_left', type: 'integer' })
  usesLeft!: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
