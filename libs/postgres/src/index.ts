export { createDataSource } from './create-data-source.js';
export type { DataSourceSettings } from './create-data-source.js';
export { Database } from './database.js';
export { postgresSettings } from './postgres-settings.js';
export { runMigrations } from './run-migrations.js';
export { violatedConstraint } from './violated-constraint.js';
