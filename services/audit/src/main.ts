import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { Database } from '@sallyport/postgres';
import { AuditModule } from './audit.module.js';
import { settings } from './config.js';

main(async () => {
  const config = loadConfig(settings);
  await runService({
    name: 'audit',
    settings: config,
    module: AuditModule.register(config),
    checks: (app) => ({
      postgres: async () => {
        await app.get(Database).check();
        return { ok: true };
      },
    }),
  });
});
