import { generateKeyPairSync } from 'node:crypto';
import { loadConfig } from '@sallyport/config';
import { describe, expect, it } from 'vitest';
import { makeUserKey } from '@sallyport/testing';
import { settings } from './config.js';

const publicKey = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const hostKey = (await makeUserKey()).publicKey;
const env = {
  NATS_URL: 'nats://127.0.0.1:4222',
  NATS_SEED: 'SUxx',
  ASSET_SIGNING_PUBLIC_KEY: publicKey,
  ASSET_SEALING_PUBLIC_KEY: publicKey,
  AUDIT_SEALING_PUBLIC_KEY: publicKey,
  BROKER_SEALING_PUBLIC_KEY: publicKey,
  API_SSH_HOST: 'bastion.example',
  API_SSH_HOST_KEYS: hostKey,
};

describe('settings', () => {
  it('keep the REST on loopback and believe no proxy unless told', () => {
    expect(loadConfig(settings, env)).toMatchObject({ API_HOST: '127.0.0.1', API_PORT: 8080, API_TRUSTED_PROXIES: [] });
  });

  it('take addresses and networks of proxies, and nothing else', () => {
    const read = (text: string) => loadConfig(settings, { ...env, API_TRUSTED_PROXIES: text }).API_TRUSTED_PROXIES;
    expect(read('10.0.0.0/8, ::1')).toEqual(['10.0.0.0/8', '::1']);
    expect(() => read('everybody')).toThrow('API_TRUSTED_PROXIES');
  });

  it('take the bastion’s public host keys without their comments, and no private one', () => {
    const read = (text: string) => loadConfig(settings, { ...env, API_SSH_HOST_KEYS: text }).API_SSH_HOST_KEYS;
    expect(read(`${hostKey}\n\n${hostKey}\n`)).toEqual([1, 2].map(() => hostKey.replace(/ test$/, '')));
    for (const wrong of ['-----BEGIN OPENSSH PRIVATE KEY-----', '\n', `${hostKey}\nnothing`])
      expect(() => read(wrong), wrong).toThrow('API_SSH_HOST_KEYS');
  });

  it.each(['bastion example', '-oProxyCommand=x', 'a\nUser root', ''])('refuse the SSH host %j', (host) => {
    expect(() => loadConfig(settings, { ...env, API_SSH_HOST: host })).toThrow('API_SSH_HOST');
  });
});
