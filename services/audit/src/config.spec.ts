import { generateKeyPairSync } from 'node:crypto';
import { loadConfig } from '@sallyport/config';
import { describe, expect, it } from 'vitest';
import { settings } from './config.js';
import { s3PlaceOf } from './s3/s3-place.js';

const publicKey = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const env = {
  NATS_URL: 'nats://127.0.0.1:4222',
  NATS_SEED: 'SUxx',
  ASSET_SIGNING_PUBLIC_KEY: publicKey,
  POSTGRES_URL: 'postgres://127.0.0.1/audit',
  AUDIT_LOG_PRIVATE_KEY: 'x',
  AUDIT_LOG_ORIGIN: 'test.example/log',
  AUDIT_SEALING_PRIVATE_KEY: 'x',
  AUDIT_RECORDING_KEY: Buffer.alloc(32).toString('base64'),
};
const read = (more: Record<string, string> = {}) => loadConfig(settings, { ...env, ...more });

describe('settings', () => {
  it('leave no event without a checkpoint for more than ten seconds, of which the clock takes one', () => {
    expect(read().AUDIT_CHECKPOINT_SECONDS).toBe(5);
    expect(read({ AUDIT_CHECKPOINT_SECONDS: '9' }).AUDIT_CHECKPOINT_SECONDS).toBe(9);
    for (const seconds of ['0', '10', '3600'])
      expect(() => read({ AUDIT_CHECKPOINT_SECONDS: seconds }), seconds).toThrow('AUDIT_CHECKPOINT_SECONDS');
  });

  it('name a bucket whole, or not at all', () => {
    const witness = { AUDIT_WITNESS_BUCKET: 'b', AUDIT_WITNESS_S3_REGION: 'cn-hangzhou' };
    expect(s3PlaceOf(read(witness), 'AUDIT_RECORDING')).toBeUndefined();
    expect(s3PlaceOf(read(witness), 'AUDIT_WITNESS')).toMatchObject({
      bucket: 'b',
      region: 'cn-hangzhou',
      pathStyle: false,
    });
    expect(() => s3PlaceOf(read({ AUDIT_WITNESS_BUCKET: 'b' }), 'AUDIT_WITNESS')).toThrow('AUDIT_WITNESS_S3_REGION');
    const half = read({ ...witness, AUDIT_WITNESS_S3_ACCESS_KEY_ID: 'x' });
    expect(() => s3PlaceOf(half, 'AUDIT_WITNESS')).toThrow('go together');
  });
});
