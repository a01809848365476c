import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readSettings } from '../settings.js';
import { requireFreePort } from './require-free-port.js';

test('takes ports and folder from the environment, and names a setting that is wrong', () => {
  expect(readSettings({})).toMatchObject({ sshPort: 60_022, httpPort: 8_080, natsUrl: undefined });
  expect(readSettings({ SALLYPORT_HOME: '/srv/sallyport', SALLYPORT_SSH_PORT: '2222', NATS_URL: '' })).toMatchObject({
    home: '/srv/sallyport',
    sshPort: 2_222,
    natsUrl: undefined,
  });
  expect(readSettings({ ASSET_WATCH_SECONDS: '2', SESSION_PROCESSES: '' })).toMatchObject({
    asset: { ASSET_WATCH_SECONDS: '2' },
    session: {},
  });
  for (const port of ['ssh', '0', '65536', '-1', '22.5']) {
    expect(() => readSettings({ SALLYPORT_HTTP_PORT: port })).toThrow(
      'SALLYPORT_HTTP_PORT must be a port, from 1 to 65535.',
    );
  }
});

test('says in a sentence that a port is in use, and how to choose another', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sentence = `Port ${port} is in use; free it, or choose another with SALLYPORT_SSH_PORT.`;
  await expect(requireFreePort(port, 'SALLYPORT_SSH_PORT')).rejects.toThrow(sentence);
  await new Promise((resolve) => server.close(resolve));
  await requireFreePort(port, 'SALLYPORT_SSH_PORT');
});
