import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { checkTogether, Settings } from './config.js';
import { SecretBrokerModule } from './secret-broker.module.js';

main(async () => {
  const settings = loadConfig(Settings);
  checkTogether(settings);
  await runService({ name: 'secret-broker', settings, module: SecretBrokerModule.register(settings) });
});
