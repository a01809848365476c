import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { ApiModule } from './api.module.js';
import { settings } from './config.js';
import { startHttp } from './http/start-http.js';

main(async () => {
  const config = loadConfig(settings);
  await runService({
    name: 'api',
    settings: config,
    module: ApiModule.register(config),
    create: (root, logger) => startHttp(root, logger, config),
  });
});
