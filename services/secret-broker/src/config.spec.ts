import { loadConfig } from '@sallyport/config';
import { describe, expect, it } from 'vitest';
import { checkTogether, Settings } from './config.js';

const least = {
  NATS_URL: 'nats://127.0.0.1:4222',
  NATS_SEED: 'SUA',
  ASSET_SIGNING_PUBLIC_KEY: '-----BEGIN PUBLIC KEY-----',
  KMS_REGION_ID: 'cn-hangzhou',
  BROKER_SEALING_PRIVATE_KEY: 'a PEM',
};
const load = (more: Record<string, string> = {}): Settings => {
  const settings = loadConfig(Settings, { ...least, ...more });
  checkTogether(settings);
  return settings;
};

describe('the settings of the broker', () => {
  it('take the cloud and its default chain of credentials when nothing else is said', () => {
    const settings = load();
    expect(settings.KMS_ENDPOINT).toBe('https://kms.{region}.aliyuncs.com');
    expect(settings.ALIBABA_CLOUD_ACCESS_KEY_ID).toBeUndefined();
  });

  it('keep values out of URLs, and to half of the quota, when nothing else is said', () => {
    expect(load()).toMatchObject({ KMS_PARAMETERS_IN: 'body', KMS_QUOTA_PERCENT: 50, KMS_INDEX_PER_SECOND: 50 });
  });

  it('take http on loopback only', () => {
    expect(load({ KMS_ENDPOINT: 'http://127.0.0.1:18080' }).KMS_ENDPOINT).toBe('http://127.0.0.1:18080');
    expect(() => load({ KMS_ENDPOINT: 'http://kms.example.com' })).toThrow(
      'KMS_ENDPOINT: must be https, unless it is on loopback',
    );
  });

  it.each(['ALIBABA_CLOUD', 'KMS_ADMIN'])('refuse half an access key of %s, and show none', (prefix) => {
    const half = () => load({ [`${prefix}_ACCESS_KEY_SECRET`]: 'hunter2' });
    expect(half).toThrow(`${prefix}_ACCESS_KEY_ID and ${prefix}_ACCESS_KEY_SECRET come together or not at all`);
    expect(half).not.toThrow('hunter2');
  });
});
