import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { settings } from './config.js';
import { SessionModule } from './session.module.js';

/** For what ends after the sessions: NATS, traces. */
const STOP_MARGIN_MS = 10_000;

main(async () => {
  const config = loadConfig(settings);
  await runService({
    name: 'session',
    settings: config,
    module: SessionModule.register(config),
    checks: (app) => app.get(SessionModule).checks(),
    hurry: (app) => {
      app.get(SessionModule).hurry();
    },
    stopDeadlineMs: config.SESSION_DRAIN_SECONDS * 1_000 + STOP_MARGIN_MS,
  });
});
