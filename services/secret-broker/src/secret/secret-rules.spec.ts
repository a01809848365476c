import { describe, expect, it } from 'vitest';
import { checkRotationInterval, checkSecretInput, checkValueSize } from './secret-rules.js';
import type { SecretInput } from './secret-rules.js';

const name = 'acs/ecs/web';
const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: '' }));
const pairs = (count: number) => Object.fromEntries(tags(count).map(({ key }) => [key, '']));
const policy = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Deny', Principal: { RAM: ['acs:ram::1:*'] }, Action: ['kms:*'], Resource: ['*'] }],
});
const tag = (key: string, value = 'v'): SecretInput => ({ name, tags: [{ key, value }] });

describe('the rules for a new secret', () => {
  it.each<[string, SecretInput]>([
    ['a plain name', { name }],
    ['a name of 192 characters with every sign', { name: 'acs/ecs/Az09_/+=.@-'.padEnd(192, 'x') }],
    ['20 tags', { name, tags: tags(20) }],
    ['a tag with every sign, and letters of any script', tag('a/\\_-.+=:@ 密', '')],
    ['tag texts of 128 characters', tag('k'.repeat(128), 'v'.repeat(128))],
    ['a key that has acs: further on', tag('my-acs:x')],
    ['1 hour', { name, rotation: { intervalSeconds: 3_600 } }],
    ['365 days', { name, rotation: { intervalSeconds: 31_536_000 } }],
    ['a policy', { name, policy }],
    ['10 pairs of custom data', { name, customData: pairs(10) }],
  ])('take %s', (_, input) => {
    expect(() => {
      checkSecretInput(input);
    }).not.toThrow();
  });

  it.each<[string, SecretInput, string]>([
    ['a name of 193 characters', { name: 'acs/ecs/'.padEnd(193, 'x') }, 'name: at most 192 characters'],
    ['a bad character', { name: 'acs/ecs/a b' }, 'name: only letters A-Z and a-z, digits, and the signs _ / + = . - @'],
    ['a letter that is not ASCII', { name: 'acs/ecs/ü' }, 'name: only letters'],
    ['another prefix', { name: 'web' }, 'name: the name of an ECS secret starts with acs/ecs/'],
    ['the prefix alone', { name: 'acs/ecs/' }, 'name: the name of an ECS secret starts with acs/ecs/'],
    ['no text for the key', { name, encryptionKeyId: '' }, 'encryptionKeyId: it is empty'],
    ['no text for the KMS instance', { name, kmsInstanceId: '' }, 'kmsInstanceId: it is empty'],
    ['21 tags', { name, tags: tags(21) }, 'tags: at most 20'],
    ['a key twice', { name, tags: [...tags(1), ...tags(1)] }, 'tags: each key once'],
    ['an empty key', tag(''), 'tags: a key is not empty'],
    ['a key of 129 characters', tag('k'.repeat(129)), 'tags: key and value at most 128 characters'],
    ['a value of 129 characters', tag('k', 'v'.repeat(129)), 'tags: key and value at most 128 characters'],
    ['a key that starts with acs:', tag('acs:x'), 'tags: a key does not start with aliyun or acs:'],
    ['a key that starts with aliyun', tag('aliyunx'), 'tags: a key does not start with aliyun or acs:'],
    ['a sign that tags do not have', tag('a*'), 'tags: only letters'],
    ['59 minutes', { name, rotation: { intervalSeconds: 59 * 60 } }, 'rotation: from 1 hour (3600 s) to 365 days'],
    ['366 days', { name, rotation: { intervalSeconds: 366 * 86_400 } }, 'rotation: from 1 hour (3600 s) to 365 days'],
    ['11 pairs of custom data', { name, customData: pairs(11) }, 'customData: at most 10 pairs'],
    ['much custom data', { name, customData: { k: 'x'.repeat(768) } }, 'customData: at most 768 characters as JSON'],
    ['a policy of 32,769 bytes', { name, policy: `"${'x'.repeat(32_767)}"` }, 'policy: at most 32768 bytes'],
    ['a policy that is not JSON', { name, policy: 'allow' }, 'policy: must be JSON'],
  ])('refuse %s and name the rule', (_, input, rule) => {
    expect(() => {
      checkSecretInput(input);
    }).toThrow(expect.objectContaining({ code: 'request.invalid', message: expect.stringContaining(rule) as string }));
  });

  it('hold for a value and for a rotation policy as well', () => {
    expect(() => {
      checkValueSize(Buffer.alloc(30_720));
    }).not.toThrow();
    expect(() => {
      checkValueSize(Buffer.alloc(30_721));
    }).toThrow('value: at most 30720 bytes');
    expect(() => {
      checkRotationInterval(3_599);
    }).toThrow('rotation: from 1 hour');
  });
});
