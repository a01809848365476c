import { count, loadConfig, secretText } from '@sallyport/config';
import { main } from '@sallyport/messaging';
import { createDataSource, runMigrations } from '@sallyport/postgres';
import { z } from 'zod';
import { migrations } from './database/migrations.js';
import { grantRights, setRetention } from './database/roles.typeorm.js';

const settings = z.object({
  /** As the owner of the tables, who alone makes them; the service itself connects as another role. */
  POSTGRES_OWNER_URL: secretText(),
  /** The role that the service connects as. */
  AUDIT_SERVICE_ROLE: z.string(),
  /** Events are kept for so many months after theirs; for ever unless told. */
  AUDIT_RETENTION_MONTHS: count(1, 1_200).optional(),
});

/** Brings the tables up to date, and gives the service's role its rights. Before the service starts; safe to repeat. */
main(async () => {
  const { POSTGRES_OWNER_URL: url, AUDIT_SERVICE_ROLE: role, AUDIT_RETENTION_MONTHS: months } = loadConfig(settings);
  const dataSource = createDataSource({ url, entities: [], migrations, applicationName: 'sallyport-audit-migrate' });
  await dataSource.initialize();
  try {
    await runMigrations(dataSource);
    await grantRights(dataSource, role);
    await setRetention(dataSource, months);
  } finally {
    await dataSource.destroy();
  }
});
