import { expect, it } from 'vitest';
import { KeyAnswer, toKey } from './kms-answers.js';

const metadata = {
  KeyId: 'key-1',
  KeyState: 'Enabled',
  KeySpec: 'Aliyun_AES_256',
  KeyUsage: 'ENCRYPT/DECRYPT',
  DKMSInstanceId: 'kst-1',
};

it.each([
  [{}, true],
  [{ KeySpec: 'Aliyun_SM4' }, true],
  [{ KeySpec: 'RSA_2048' }, false],
  [{ KeySpec: 'EC_SM2' }, false],
  [{ KeyUsage: 'SIGN/VERIFY' }, false],
  [{ KeyState: 'Disabled' }, false],
  [{ KeyState: 'PendingDeletion' }, false],
])('a key with %j encrypts secrets: %s', (change, encryptsSecrets) => {
  const key = toKey(KeyAnswer.parse({ KeyMetadata: { ...metadata, ...change } }));
  expect(key).toMatchObject({ keyId: 'key-1', kmsInstanceId: 'kst-1', encryptsSecrets });
});
