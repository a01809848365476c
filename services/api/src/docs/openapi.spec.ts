import { allRoutes } from '@sallyport/contracts';
import { InMemoryBus } from '@sallyport/messaging/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allEndpoints } from '../endpoints/endpoints.js';
import { openApi } from './openapi.js';
import { docsPage } from './page.js';
import { typeOf } from './type-of.js';

const unused = () => Promise.reject(new Error('nothing is sealed here'));
const sealers = { toAsset: unused, toBroker: unused, toAudit: unused };
const door = { host: 'bastion.example', port: 60_022, hostKeys: [] };
const served = allEndpoints(new InMemoryBus(), sealers, door).map(({ route }) => route);
const api = openApi(served, '1.2.3');
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

describe('what is served', () => {
  it('is every route of the contracts, once', () => {
    const names = (routes: readonly { method: string; path: string }[]) =>
      routes.map(({ method, path }) => `${method} ${path}`).sort();
    expect(names(served)).toEqual(names(allRoutes));
  });
});

describe('the OpenAPI document', () => {
  it('has every route', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual(allRoutes.map((r) => `${r.method} ${r.path}`).sort());
  });

  it.each(allRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'tells all of %s',
    (name, route) => {
      const operation = operations.find((one) => one.name === name)?.operation;
      expect(operation?.summary).toBe(route.summary);
      const named = (where: string) => operation?.parameters.filter((one) => one.in === where).map((one) => one.name);
      expect(named('path')).toEqual(Object.keys(route.params.shape));
      expect(named('query')?.sort()).toEqual(Object.keys(route.query.shape).sort());
      const body = operation?.requestBody?.content['application/json']?.schema;
      expect(Object.keys(body?.properties ?? {})).toEqual(Object.keys(route.body.shape));
      if (body) expect(body.additionalProperties).toBe(false);
      expect(Object.keys(operation?.responses ?? {})).toContain(String(route.status));
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['400', '500', '503']));
      expect(operation?.security).toEqual(route.roles === 'public' ? [] : undefined);
    },
  );

  it('describes each field that a secret administrator may send', () => {
    const bare = operations
      .filter(({ name }) => name.includes(' /v1/kms/'))
      .flatMap(({ name, operation: { parameters, requestBody } }) => [
        ...parameters.map((one) => ({ at: `${name} ${one.name}`, schema: one.schema })),
        ...Object.entries(requestBody?.content['application/json']?.schema.properties ?? {}).map(([field, schema]) => ({
          at: `${name} ${field}`,
          schema: schema as { description?: string },
        })),
      ])
      .filter(({ schema }) => (schema.description ?? '') === '');
    expect(bare.map(({ at }) => at)).toEqual([]);
  });

  it('is plain JSON whose references lead somewhere', () => {
    const text = JSON.stringify(api);
    expect(JSON.parse(text)).toEqual(api);
    for (const [, name = ''] of text.matchAll(/"\$ref":"([^"]+)"/g))
      expect(name === '#/components/schemas/Problem', name).toBe(true);
    expect(text).not.toContain('$schema');
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it('has no answer with a value that belongs into KMS', () => {
    for (const { operation } of operations)
      for (const [status, { content }] of Object.entries(operation.responses))
        if (status.startsWith('2'))
          expect(JSON.stringify(content ?? {})).not.toMatch(/"(password|privateKey|secretData)":/i);
  });
});

describe('the page', () => {
  const page = docsPage(api);
  it('shows every route and loads nothing', () => {
    for (const { method, path } of allRoutes) expect(page).toContain(`<h3>${method} ${path}</h3>`);
    expect(page).not.toMatch(/<script|<img|<link|src=|url\(|https?:/);
  });

  it('shows text as text', () => {
    const info = { ...api.info, description: '<script>alert("1")</script> & more' };
    expect(docsPage({ ...api, info })).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more');
  });
});

describe('a type in words', () => {
  it.each<[string, z.ZodType]>([
    ['string (at most 8,192 characters)', z.string().max(8_192)],
    ['integer', z.int()],
    ['integer (from 7, to 30)', z.int().min(7).max(30)],
    ['password | ssh-key', z.enum(['password', 'ssh-key'])],
    ['{ key, value? }[] (at most 20)', z.array(z.object({ key: z.string(), value: z.string().optional() })).max(20)],
    ['(string (uuid))[]', z.array(z.uuid())],
    ['{ NAME: string, … }', z.record(z.string(), z.string())],
    ['string | null', z.string().nullable()],
  ])('is %s', (words, schema) => {
    expect(typeOf(z.toJSONSchema(schema))).toBe(words);
  });
});
