import { ConfigError, loadConfig } from '@sallyport/config';
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
  const known = error instanceof ConfigError || (error instanceof Error && 'code' in error);
  log('start.failed', { reason: known ? error.message : String(error) });
  process.exitCode = 1;
}
