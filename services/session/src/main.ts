import cluster from 'node:cluster';
import { loadConfig } from '@sallyport/config';
import { main, runService } from '@sallyport/messaging';
import { settings } from './config.js';
import type { Settings } from './config.js';
import { memberOfGroup } from './processes/member.js';
import { runProcesses } from './processes/run-processes.js';
import { shareOf } from './processes/share.js';
import { SessionModule } from './session.module.js';

/** For what ends after the sessions: NATS, traces. */
const STOP_MARGIN_MS = 10_000;

main(async () => {
  const config = loadConfig(settings);
  if (cluster.isPrimary && config.SESSION_PROCESSES > 1) await runProcesses(config);
  else await serve(shareOf(config));
});

async function serve(config: Settings): Promise<void> {
  await runService({
    name: 'session',
    settings: config,
    module: SessionModule.register(config),
    checks: (app) => app.get(SessionModule).checks(),
    hurry: (app) => {
      app.get(SessionModule).hurry();
    },
    stopDeadlineMs: config.SESSION_DRAIN_SECONDS * 1_000 + STOP_MARGIN_MS,
    ...(cluster.isWorker && memberOfGroup),
  });
}
