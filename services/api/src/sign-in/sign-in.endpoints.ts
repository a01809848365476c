import { MeRoute, RevokeTokenV1, SignInRoute, SignInV1, SignOutRoute } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { endpoint, openEndpoint, type Endpoint } from '../endpoints/endpoint.js';
import type { Sealers } from '../endpoints/sealers.js';
import { hashToken, makeToken } from './bearer-token.js';

export function signInEndpoints(bus: Bus, sealers: Sealers): Endpoint[] {
  return [
    openEndpoint(SignInRoute, async ({ body: { username, password, otp } }, { clientAddress }) => {
      const token = makeToken();
      const tokenHash = hashToken(token);
      const [sealed, code] = await Promise.all([
        sealers.toAsset(password, tokenHash),
        otp === undefined ? undefined : sealers.toAsset(otp, tokenHash),
      ]);
      const request = { username, password: sealed, otp: code, clientAddress, tokenHash };
      const { expiresAt } = await bus.request(SignInV1, request);
      return { token, expiresAt };
    }),
    endpoint(SignOutRoute, (_, { tokenHash }) => bus.request(RevokeTokenV1, { tokenHash })),
    endpoint(MeRoute, (_, { userId, username, roles }) => Promise.resolve({ id: userId, username, roles: [...roles] })),
  ];
}
