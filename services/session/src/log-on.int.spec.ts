import { canRunSshd, makeUserKey, ssh, startSshd } from '@sallyport/testing';
import type { SshdHost, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBastion } from './testing/start-bastion.js';
import type { Bastion } from './testing/start-bastion.js';

const able = canRunSshd();
const suite = able.ok ? describe : describe.skip;

suite(`a logon through the bastion${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
  let host: SshdHost;
  let bastion: Bastion;
  let userKey: UserKey;

  beforeAll(async () => {
    host = await startSshd({ accounts: [{ name: 'ops', password: 'host password' }] });
    bastion = await startBastion();
    userKey = await makeUserKey('ed25519');
    bastion.asset.publicKeys = [userKey.publicKey];
  });
  afterAll(async () => {
    await bastion.gateway.stop();
    await host.stop();
  });
  beforeEach(() => {
    bastion.asset.hosts = [
      {
        name: 'web-1',
        address: host.address,
        port: host.port,
        hostKeys: host.hostKeys.map(({ fingerprint }) => fingerprint),
        account: 'ops',
        kind: 'password',
      },
    ];
    bastion.broker.values = ['host password'];
    bastion.broker.trouble = undefined;
    bastion.broker.asked.length = 0;
    bastion.asset.asked.length = 0;
    bastion.audit.events.length = 0;
    bastion.audit.fail(false);
  });

  const logOn = (command: string, more: Partial<Parameters<typeof ssh>[0]> = {}) =>
    ssh({
      destination: 'alice@ops@web-1@127.0.0.1',
      port: bastion.port,
      privateKeyFile: userKey.privateKeyFile,
      command,
      ...more,
    });

  it('runs a command at the target', async () => {
    expect(await logOn('id -un; exit 7')).toMatchObject({ code: 7, stdout: 'ops\n', stderr: '' });
    expect(bastion.broker.asked).toEqual(['prepare', 'open', 'release']);
  });
});
