import type { HostId, SessionId, UserId } from '@sallyport/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('host_key_candidates')
export class HostKeyCandidateEntity {
  @PrimaryColumn({ name: 'host_id', type: 'uuid' })
  hostId!: HostId;

  @PrimaryColumn({ type: 'text' })
  fingerprint!: string;

  @Column({ type: 'text' })
  type!: string;

  @Column({ name: 'public_key', type: 'text' })
  publicKey!: string;

  @Column({ name: 'seen_at', type: 'timestamptz' })
  seenAt!: Date;

  @Column({ name: 'session_id', type: 'uuid' })
  sessionId!: SessionId;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: UserId;
}
