import { Target } from '@sallyport/contracts';
import type { UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import type { TargetFilter } from './granted-targets.js';
import { GrantedTargets } from './granted-targets.js';

const QUERY = `
  SELECT DISTINCT h.name AS host, h.instance_id AS "instanceId", h.address, h.port, h.status, a.user_name AS account
  FROM authorization_reach r
  JOIN authorizations z ON z.id = r.authorization_id
  JOIN hosts h ON h.id = r.host_id
  JOIN accounts a ON a.host_id = h.id
  WHERE r.user_id = $1
    AND (z.valid_from IS NULL OR z.valid_from <= $2)
    AND (z.valid_until IS NULL OR z.valid_until > $2)
    AND (z.all_accounts OR EXISTS (
      SELECT 1 FROM authorized_accounts y WHERE y.authorization_id = z.id AND y.account_id = a.id
    ))
    AND ($3::text IS NULL OR (h.name, a.user_name) > ($3 COLLATE "C", $4 COLLATE "C"))
    AND NOT EXISTS (
      SELECT 1 FROM unnest($5::text[]) word
      WHERE position(lower(word) IN lower(concat_ws(' ', h.name, a.user_name, h.address, h.instance_id))) = 0
    )
    AND ($7::uuid IS NULL OR h.id = $7)
    AND ($8::uuid IS NULL OR a.id = $8)
  ORDER BY h.name, a.user_name
  LIMIT $6`;

export class DatabaseGrantedTargets extends GrantedTargets {
  constructor(private readonly database: Database) {
    super();
  }

  async of(userId: UserId, now: Date, { words, after, within, limit }: TargetFilter): Promise<Target[]> {
    const { hostId = null, accountId = null } = within ?? {};
    const parameters = [userId, now, after?.host ?? null, after?.account ?? null, words, limit, hostId, accountId];
    return z.array(Target).parse(await this.database.manager.query(QUERY, parameters));
  }
}
