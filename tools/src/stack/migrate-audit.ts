import { join } from 'node:path';
import { run } from '@sallyport/testing';
import { Failure } from '../../progress.mjs';
import { root } from '../settings.js';
import type { StateFolder } from '../state/state-folder.js';
import { auditServiceRole } from './postgres-member.js';

const TIMEOUT_MS = 300_000;

/**
 * Brings the tables of `audit` up to date, as their owner: the service itself has no right to.
 * @throws Failure with what the program said
 */
export async function migrateAudit(state: StateFolder, ownerUrl: string): Promise<void> {
  const { code, stderr } = await run(process.execPath, [join(root, 'services/audit/dist/migrate.js')], {
    env: {
      POSTGRES_OWNER_URL_FILE: state.write('secrets/postgres-url-audit-owner', ownerUrl),
      AUDIT_SERVICE_ROLE: auditServiceRole,
    },
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new Failure('The audit database could not be prepared.', { details: stderr });
}
