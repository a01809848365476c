import type { CertificateRevocationId } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('certificate_revocations')
export class RevocationEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: CertificateRevocationId;

  @Column({ type: 'text' })
  authority!: string;

  @Column({ type: 'text', nullable: true })
  serial!: string | null;

  @Column({ name: 'key_id', type: 'text', nullable: true })
  keyId!: string | null;

  @Column({ name: 'revoked_at', type: 'timestamptz' })
  revokedAt!: Date;
}
