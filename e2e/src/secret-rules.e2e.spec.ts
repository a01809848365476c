import { randomBytes } from 'node:crypto';
import { CreateSecretRoute, GetSecretRoute, ListSecretsRoute } from '@sallyport/contracts';
import { type RestClient } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { emulator, local, signInAs } from './support/sallyport.js';

const good = () => ({
  name: `acs/ecs/rules-${randomBytes(4).toString('hex')}`,
  instanceId: local.instances[0]?.instanceId ?? '',
  regionId: local.kms.regionId,
  kind: 'password' as const,
  userName: 'root',
  password: 'x',
});
const tag = (n: number) => ({ key: `k${n}`, value: 'v' });
const dataLength = (password: string) => Buffer.byteLength(JSON.stringify({ UserName: 'root', Password: password }));

describe('the rules of a new secret', () => {
  let admin: RestClient;
  beforeAll(async () => {
    admin = await signInAs('admin');
  });

  it.each<[string, object, RegExp]>([
    ['a value of 30,721 bytes', { password: 'x'.repeat(30_721 - dataLength('')) }, /30.?720/],
    ['a name with a bad character', { name: 'acs/ecs/sp ace' }, /name/i],
    ['a name without the prefix of ECS secrets', { name: 'web-1' }, /acs\/ecs\//],
    ['a name of 193 characters', { name: `acs/ecs/${'x'.repeat(185)}` }, /192/],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, n) => tag(n)) }, /20/],
    ['a tag key that starts with acs:', { tags: [{ key: 'acs:x', value: 'v' }] }, /acs:/],
    ['a tag key that starts with aliyun', { tags: [{ key: 'aliyun', value: 'v' }] }, /aliyun/],
    ['rotation every 59 minutes', { rotation: { intervalSeconds: 59 * 60 } }, /hour|3.?600/i],
    ['rotation every 366 days', { rotation: { intervalSeconds: 366 * 86_400 } }, /365|day|31.?536.?000/i],
  ])('refuse %s, name the rule, and store nothing', async (_what, change, rule) => {
    const body = { ...good(), ...change };
    const before = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
    const answer = await admin.raw('POST', '/v1/kms/secrets', body);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'request.invalid', status: 400 });
    expect((answer.json as { detail: string }).detail).toMatch(rule);
    expect(answer.text).not.toContain('x'.repeat(100));
    const after = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
    expect(after.calls['CreateSecret']).toBe(before.calls['CreateSecret']);
    const { items } = await admin.call(ListSecretsRoute, { query: { keyword: body.name.slice(0, 100), limit: 200 } });
    expect(items.map((secret) => secret.name)).not.toContain(body.name);
  });

  it('take what is just inside of them', async () => {
    const body = {
      ...good(),
      password: 'x'.repeat(30_720 - dataLength('')),
      tags: Array.from({ length: 20 }, (_, n) => tag(n)),
      rotation: { intervalSeconds: 3_600 },
    };
    await admin.call(CreateSecretRoute, { body });
    const secret = await admin.call(GetSecretRoute, { params: { name: body.name } });
    expect(secret).toMatchObject({ name: body.name, kind: 'password', rotationIntervalSeconds: 3_600 });
    expect(JSON.stringify(secret)).not.toContain('xxxx');
  });
});
