import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { counter, gauge, histogram, startMetrics } from './metrics.js';

it('shows what was counted by counters that were made before metrics were started, as those beside an import are', async () => {
  const [things, times] = [counter('sallyport.test.things', 'Things'), histogram('sallyport.test.time', 'Time', 'ms')];
  const server = createServer(startMetrics('test')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  gauge('sallyport.test.level', 'Level', '1', () => 7);
  things.add(2, { kind: 'a' });
  things.add(1, { kind: 'a' });
  times.record(12);
  const text = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
  server.close();
  expect(text).toMatch(/^sallyport_test_things_total\{kind="a".*\} 3$/m);
  expect(text).toMatch(/^sallyport_test_time_sum.* 12$/m);
  expect(text).toMatch(/^sallyport_test_level.* 7$/m);
});
