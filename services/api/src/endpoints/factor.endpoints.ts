import {
  BeginTotpRoute,
  BeginTotpV1,
  ConfirmTotpRoute,
  ConfirmTotpV1,
  ListFactorsRoute,
  ListFactorsV1,
  ListOwnFactorsRoute,
  ListOwnFactorsV1,
  RemoveOwnTotpRoute,
  RemoveOwnTotpV1,
  ResetTotpRoute,
  ResetTotpV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { SealingKey } from '@sallyport/sealing';
import { endpoint, forward, type Endpoint } from './endpoint.js';
import type { Sealers } from './sealers.js';

export function factorEndpoints(bus: Bus, sealers: Sealers): Endpoint[] {
  return [
    forward(bus, ListOwnFactorsRoute, ListOwnFactorsV1),
    // The secret crosses NATS sealed to a key that lives for this call.
    endpoint(BeginTotpRoute, async (_, { identity, userId }) => {
      const key = await SealingKey.generate();
      const { uri: sealed } = await bus.request(BeginTotpV1, { actor: identity, sealTo: key.publicKey });
      const uri = (await key.open(sealed, userId)).toString();
      return { uri, secret: new URL(uri).searchParams.get('secret') ?? '' };
    }),
    endpoint(ConfirmTotpRoute, async ({ body }, { identity, userId }) =>
      bus.request(ConfirmTotpV1, { actor: identity, code: await sealers.toAsset(body.code, userId) }),
    ),
    endpoint(RemoveOwnTotpRoute, async ({ body }, { identity, userId }) =>
      bus.request(RemoveOwnTotpV1, { actor: identity, code: await sealers.toAsset(body.code, userId) }),
    ),
    forward(bus, ListFactorsRoute, ListFactorsV1),
    forward(bus, ResetTotpRoute, ResetTotpV1),
  ];
}
