import { Role } from '@sallyport/contracts';

/** What a call of a route takes beside its path's parameters. */
export interface RouteInput {
  query?: Record<string, string>;
  body?: Record<string, unknown>;
}

/**
 * For each route that takes more than its path, by `METHOD /path`, the least that passes its schemas. Every id is `id`, so that
 * a request that is let through finds just what the test has put there, or nothing.
 * @param publicKey one line of an authorized_keys file
 */
export function routeInputs(id: string, publicKey: string): Readonly<Record<string, RouteInput>> {
  const regionId = 'cn-hangzhou';
  const name = `acs/ecs/${id}`;
  const fingerprint = `SHA256:${'A'.repeat(43)}`;
  return {
    'POST /v1/sign-in': { body: { username: 'nobody', password: 'none' } },
    'POST /v1/kms/secrets': {
      body: { name, instanceId: 'i-none', regionId, kind: 'password', userName: 'root', password: 'none' },
    },
    'POST /v1/kms/secrets/{name}/rotate': { body: {} },
    'PATCH /v1/kms/secrets/{name}': { body: { description: 'web' } },
    'PUT /v1/kms/secrets/{name}/tags': { body: { tags: [{ key: 'env', value: 'prod' }] } },
    'PUT /v1/kms/secrets/{name}/policy': { body: { policy: '{}' } },
    'PUT /v1/kms/secrets/{name}/rotation-policy': { body: { enabled: true, intervalSeconds: 3_600 } },
    'GET /v1/ecs/instances': { query: { regionId } },
    'POST /v1/hosts/import': { body: { regionId, instanceIds: ['i-none'] } },
    'PATCH /v1/hosts/{hostId}': { body: { name: 'web-1' } },
    'PUT /v1/hosts/{hostId}/host-keys': { body: { publicKeys: [publicKey] } },
    'POST /v1/hosts/host-keys/replace': { body: { items: [{ hostId: id, publicKeys: [publicKey] }] } },
    'POST /v1/hosts/{hostId}/host-keys/approve': { body: { fingerprints: [fingerprint] } },
    'POST /v1/hosts/{hostId}/import-secrets': { body: { secretNames: [name] } },
    'POST /v1/users': { body: { username: 'never', roles: [...Role.options], publicKeys: [publicKey] } },
    'PATCH /v1/users/{userId}': { body: { roles: [...Role.options], status: 'locked' } },
    'POST /v1/users/{userId}/public-keys': { body: { publicKey } },
    'POST /v1/user-certificate-authorities': { body: { name: 'staff', publicKey } },
    'POST /v1/user-certificate-authorities/{certificateAuthorityId}/revocations': { body: { serial: '7' } },
    'POST /v1/me/factors/totp/confirm': { body: { code: '123456' } },
    'POST /v1/me/factors/totp/remove': { body: { code: '123 456' } },
    'POST /v1/tickets': { body: { userId: id } },
    'POST /v1/user-groups': { body: { name: 'on call' } },
    'PATCH /v1/user-groups/{groupId}': { body: { name: 'on call', comment: null } },
    'POST /v1/host-groups': { body: { name: 'web' } },
    'PATCH /v1/host-groups/{groupId}': { body: { comment: 'in front' } },
    'POST /v1/authorizations': { body: { userId: id, hostId: id } },
    'PATCH /v1/authorizations/{authorizationId}': { body: { policy: { agent: true }, validUntil: null } },
    'POST /v1/sessions/{sessionId}/terminate': { body: { reason: 'none of yours' } },
    'GET /v1/audit/proof': { query: { sequence: '1' } },
    'GET /v1/audit/proof/consistency': { query: { first: '1' } },
    'POST /v1/audit/subscriptions': { body: { name: 'siem', url: 'https://siem.example/hook' } },
    'PATCH /v1/audit/subscriptions/{subscriptionId}': { body: { status: 'paused' } },
  };
}
