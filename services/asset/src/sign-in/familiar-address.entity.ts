import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('familiar_addresses')
export class FamiliarAddressEntity {
  @PrimaryColumn({ type: 'text' })
  username!: string;

  @PrimaryColumn({ name: 'address_block', type: 'text' })
  addressBlock!: string;

  @Column({ name: 'last_seen_at', type: 'timestamptz' })
  lastSeenAt!: Date;
}
