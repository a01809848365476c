import type { CertificateAuthorityId } from '@sallyport/contracts';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('certificate_authorities')
export class CertificateAuthorityEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: CertificateAuthorityId;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  line!: string;

  @Column({ type: 'text' })
  fingerprint!: string;

  @CreateDateColumn({ name: 'added_at', type: 'timestamptz' })
  addedAt!: Date;
}
