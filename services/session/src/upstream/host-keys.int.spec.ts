import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@sallyport/errors';
import { run, startSshd } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeStory } from '../testing/story.js';

describeStory('the host key of a target', (story) => {
  const web1 = () => {
    const [host] = story.bastion.asset.hosts;
    if (!host) throw new Error('there is a host in each test');
    return host;
  };
  const fingerprintOf = (type: string): string => {
    const key = story.host.hostKeys.find((one) => one.type === type);
    if (!key) throw new Error(`the target has no ${type} key`);
    return key.fingerprint;
  };
  const pin = (...keys: [type: string, fingerprint: string][]) => {
    web1().hostKeyTypes = keys.map(([type]) => type);
    web1().hostKeys = keys.map(([, fingerprint]) => fingerprint);
  };
  const changed = async () => {
    const { code, stderr } = await story.logOn('true');
    expect(code).toBe(255);
    expect(stderr).toContain('host-key.changed');
    expect(story.bastion.broker.asked).toEqual(['prepare', 'release']);
    return stderr;
  };

  it.each([
    ['ssh-rsa', 'rsa'],
    ['ecdsa-sha2-nistp256', 'ecdsa'],
    ['ssh-ed25519', 'ed25519'],
  ])('C3: a target is asked for the type that is pinned, %s, whatever else it got', async (type, name) => {
    pin([type, fingerprintOf(name)]);
    expect(await story.logOn('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
    const { audit, asset } = story.bastion;
    expect(audit.named('session.opened')[0]).toMatchObject({ hostKeyFingerprint: fingerprintOf(name) });
    expect(asset.reported).toEqual([]);
  });

  it('C3: a pinned key of another value is a change, whatever else the target has', async () => {
    pin(['ssh-rsa', fingerprintOf('ed25519')]);
    // Of the type that is pinned, it has another key: the right fingerprint of the wrong type does not count here.
    const stderr = await changed();
    expect(stderr).toContain(fingerprintOf('rsa'));
    expect(story.bastion.asset.reported).toEqual([fingerprintOf('rsa')]);
  });

  it('C3: a type that is gone is no change while another pinned key is shown, and one when none is left', async () => {
    const [gone, rsa] = [fingerprintOf('ed25519'), fingerprintOf('rsa')];
    const other = await startSshd({ accounts: [], hostKeyTypes: ['rsa'] });
    onTestFinished(() => other.stop());
    web1().port = other.port;
    pin(['ssh-ed25519', gone], ['ssh-rsa', other.hostKeys[0]?.fingerprint ?? '']);
    // The key is good, so the credential is asked for; that this host has no such account is another story.
    expect((await story.logOn('true')).stderr).toContain('target.refused-credential');
    expect(story.bastion.broker.asked).toContain('open');
    story.bastion.broker.asked.length = 0;
    pin(['ssh-ed25519', gone]);
    expect(await changed()).toContain(other.hostKeys[0]?.fingerprint);
    story.bastion.broker.asked.length = 0;
    pin(['ssh-ed25519', gone], ['ssh-rsa', rsa]);
    await changed();
  });

  it('C1: an unknown key ends a logon without a terminal at once, with fingerprint and remedy', async () => {
    web1().hostKeys = [];
    const text = `the key of this host is not known yet; it shows ssh-ed25519 ${fingerprintOf('ed25519')}. Ask a bastion administrator`;
    story.bastion.asset.unknownHostKey = new DomainError('host-key.unknown', text);
    onTestFinished(() => {
      story.bastion.asset.unknownHostKey = undefined;
    });
    const { code, stdout, stderr } = await story.logOn('true');
    expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
    expect(stderr).toContain(`${text} [host-key.unknown, id `);
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const scp = await run('scp', [
      '-F',
      'none',
      ...options.flatMap((option) => ['-o', option]),
      ...['-i', story.userKey.privateKeyFile, '-P', String(story.bastion.port)],
      ...['/etc/hostname', 'alice@ops@web-1@127.0.0.1:/tmp/never'],
    ]);
    expect(scp.code).not.toBe(0);
    expect(scp.stderr).toContain(`${text} [host-key.unknown, id `);
    expect(story.bastion.broker.asked).not.toContain('open');
    expect(story.bastion.audit.named('session.refused')).toMatchObject([
      { code: 'host-key.unknown' },
      { code: 'host-key.unknown' },
    ]);
  });

  it('C5: behind a load balancer the key that counts is that of the host which answers', async () => {
    let port = story.host.port;
    const balancer = createServer((client) => {
      const host = connect(port, '127.0.0.1');
      for (const socket of [client, host]) socket.on('error', () => undefined);
      client.pipe(host).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(balancer, 'listening');
    onTestFinished(() => void balancer.close());
    web1().port = (balancer.address() as AddressInfo).port;
    expect(await story.logOn('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
    story.bastion.broker.asked.length = 0;
    const impostor = await startSshd({ accounts: [{ name: 'ops', password: 'x' }] });
    onTestFinished(() => impostor.stop());
    port = impostor.port;
    await changed();
  });
});
