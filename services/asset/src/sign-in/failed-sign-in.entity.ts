import type { UUID } from 'node:crypto';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Attempt } from './failed-sign-ins.js';

@Entity('failed_sign_ins')
export class FailedSignInEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: UUID;

  @Column({ type: 'text' })
  kind!: Attempt['kind'];

  @Column({ type: 'text' })
  username!: string;

  @Column({ name: 'address_block', type: 'text' })
  addressBlock!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}
