import { CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('used_evidence')
export class UsedEvidenceEntity {
  /** SHA-256 */
  @PrimaryColumn({ type: 'bytea' })
  digest!: Buffer;

  @CreateDateColumn({ name: 'used_at', type: 'timestamptz' })
  usedAt!: Date;
}
