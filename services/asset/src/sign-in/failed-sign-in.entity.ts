import type { UUID } from 'node:crypto';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('failed_sign_ins')
export class FailedSignInEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: UUID;

  @Column({ type: 'text' })
  username!: string;

  @Column({ name: 'address_block', type: 'text' })
  addressBlock!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}
