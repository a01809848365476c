import type { UserId } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StoredTotp } from './totp.js';

@Entity('totp_factors')
export class TotpFactorEntity {
  @PrimaryColumn({ name: 'user_id', type: 'uuid' })
  userId!: UserId;

  @Column({ name: 'encrypted_secret', type: 'bytea' })
  encryptedSecret!: Buffer;

  @Column({ type: 'text' })
  status!: StoredTotp['status'];

  /** The greatest time step of which a code was used (RFC 6238 section 4.2). */
  @Column({ name: 'last_step', type: 'bigint', default: 0 })
  lastStep!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
