import type { Host, HostId, HostKeyMode } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('hosts')
export class HostEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: HostId;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'instance_id', type: 'text' })
  instanceId!: string;

  @Column({ name: 'region_id', type: 'text' })
  regionId!: string;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'integer' })
  port!: number;

  @Column({ name: 'os_type', type: 'text' })
  osType!: Host['osType'];

  @Column({ type: 'text' })
  status!: Host['status'];

  @Column({ type: 'text' })
  source!: Host['source'];

  @Column({ name: 'host_key_mode', type: 'text' })
  hostKeyMode!: HostKeyMode;

  @Column({ name: 'cloud_name', type: 'text' })
  cloudName!: string;

  @Column({ name: 'cloud_address', type: 'text' })
  cloudAddress!: string;

  @Column({ name: 'cloud_port', type: 'integer' })
  cloudPort!: number;
}
