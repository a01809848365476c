import type { PublicKeyId, UserId } from '@sallyport/contracts';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('public_keys')
export class PublicKeyEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: PublicKeyId;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: UserId;

  @Column({ type: 'text' })
  line!: string;

  @Column({ type: 'text' })
  fingerprint!: string;

  @CreateDateColumn({ name: 'added_at', type: 'timestamptz' })
  addedAt!: Date;
}
