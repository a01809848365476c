import type { HostId, HostKey } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('host_keys')
export class HostKeyEntity {
  @PrimaryColumn({ name: 'host_id', type: 'uuid' })
  hostId!: HostId;

  @PrimaryColumn({ type: 'text' })
  fingerprint!: string;

  @Column({ type: 'text' })
  type!: string;

  @Column({ name: 'public_key', type: 'text' })
  publicKey!: string;

  @Column({ type: 'text' })
  source!: HostKey['source'];

  @Column({ name: 'pinned_at', type: 'timestamptz' })
  pinnedAt!: Date;
}
