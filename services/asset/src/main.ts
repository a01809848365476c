import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { Database } from '@sallyport/postgres';
import { AssetModule } from './asset.module.js';
import { assetSettings } from './config.js';

main(async () => {
  const settings = loadConfig(assetSettings);
  await runService({
    name: 'asset',
    settings,
    module: await AssetModule.create(settings),
    checks: (app) => ({
      postgres: async () => {
        await app.get(Database).check();
        return { ok: true };
      },
    }),
  });
});
