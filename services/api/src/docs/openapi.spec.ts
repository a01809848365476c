import { allRoutes } from '@sallyport/contracts';
import { InMemoryBus } from '@sallyport/messaging/testing';
import { describe, expect, it } from 'vitest';
import { allEndpoints } from '../endpoints/endpoints.js';
import { openApi } from './openapi.js';
import { docsPage } from './page.js';

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
