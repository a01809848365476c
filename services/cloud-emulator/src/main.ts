import { loadConfig } from '@sallyport/config';
import { Settings } from './config.js';
import { Emulator } from './emulator.js';
import { log } from './log.js';

try {
  const emulator = await Emulator.start(loadConfig(Settings));
  const { endpoint, regionId } = emulator;
  process.stdout.write(`${JSON.stringify({ listening: { endpoint, regionId } })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void emulator.stop().finally(() => process.exit(0));
    });
  }
} catch (error) {
  log('start.failed', { reason: error instanceof Error ? error.message : 'unknown' });
  process.exitCode = 1;
}
