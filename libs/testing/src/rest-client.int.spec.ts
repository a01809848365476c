import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MeRoute, RotateSecretRoute } from '@sallyport/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RestClient, RestProblem } from './rest-client.js';

const problem = {
  type: 'about:blank',
  title: 'Forbidden',
  status: 403,
  detail: 'no',
  code: 'access.forbidden',
  traceId: 'ab',
};
const asked: string[] = [];
let server: Server;
let client: RestClient;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`);
    const refused = request.url !== '/v1/sign-in';
    response.writeHead(refused ? 403 : 200, {
      'content-type': refused ? 'application/problem+json' : 'application/json',
    });
    response.end(JSON.stringify(refused ? problem : { token: 'secret', expiresAt: '2030-01-01T00:00:00Z' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new RestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  server.close();
});

test('signs in, encodes what it puts into a path, and throws the problem of a refusal', async () => {
  const admin = await client.signIn('admin', 'password');
  const attempt = admin.call(RotateSecretRoute, { params: { name: 'acs/ecs/web 1' }, body: {} });
  await expect(attempt).rejects.toThrow(RestProblem);
  await expect(admin.call(MeRoute)).rejects.toMatchObject({ problem: { code: 'access.forbidden' } });
  expect(asked).toEqual([
    'POST /v1/sign-in ',
    'POST /v1/kms/secrets/acs%2Fecs%2Fweb%201/rotate Bearer secret',
    'GET /v1/me Bearer secret',
  ]);
});
