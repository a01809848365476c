import {
  CreateAuthorizationRoute,
  CreateAuthorizationV1,
  DeleteAuthorizationRoute,
  DeleteAuthorizationV1,
  GetSessionRoute,
  GetSessionV1,
  ListAuthorizationsRoute,
  ListAuthorizationsV1,
  ListCommandsRoute,
  ListCommandsV1,
  ListSessionsRoute,
  ListSessionsV1,
  TerminateSessionRoute,
  TerminateSessionV1,
  UpdateAuthorizationRoute,
  UpdateAuthorizationV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { signInEndpoints } from '../sign-in/sign-in.endpoints.js';
import { auditEndpoints } from './audit.endpoints.js';
import { forward, type Endpoint } from './endpoint.js';
import { certificateAuthorityEndpoints } from './certificate-authority.endpoints.js';
import { factorEndpoints } from './factor.endpoints.js';
import { groupEndpoints } from './group.endpoints.js';
import { hostKeyEndpoints } from './host-key.endpoints.js';
import { hostEndpoints } from './host.endpoints.js';
import { recordingEndpoints } from './recording.endpoints.js';
import type { Sealers } from './sealers.js';
import { secretEndpoints } from './secret.endpoints.js';
import type { SshDoor } from '../ssh-client/ssh-config.js';
import { sshClientEndpoints } from '../ssh-client/ssh-client.endpoints.js';
import { ticketEndpoints } from './ticket.endpoints.js';
import { subscriptionEndpoints } from './subscription.endpoints.js';
import { userEndpoints } from './user.endpoints.js';

/** What the server has, as one thing to inject. */
export class Endpoints {
  constructor(readonly all: readonly Endpoint[]) {}
}

/** Every route of the REST and what answers it: nearly always one request to the service that owns the rules. */
export function allEndpoints(bus: Bus, sealers: Sealers, door: SshDoor): Endpoint[] {
  return [
    ...signInEndpoints(bus, sealers),
    ...sshClientEndpoints(bus, door),
    ...secretEndpoints(bus, sealers),
    ...hostEndpoints(bus),
    ...hostKeyEndpoints(bus),
    ...userEndpoints(bus, sealers),
    ...certificateAuthorityEndpoints(bus),
    ...factorEndpoints(bus, sealers),
    ...ticketEndpoints(bus),
    ...groupEndpoints(bus),
    forward(bus, ListAuthorizationsRoute, ListAuthorizationsV1),
    forward(bus, CreateAuthorizationRoute, CreateAuthorizationV1),
    forward(bus, UpdateAuthorizationRoute, UpdateAuthorizationV1),
    forward(bus, DeleteAuthorizationRoute, DeleteAuthorizationV1),
    forward(bus, ListSessionsRoute, ListSessionsV1),
    forward(bus, ListCommandsRoute, ListCommandsV1),
    forward(bus, GetSessionRoute, GetSessionV1),
    forward(bus, TerminateSessionRoute, TerminateSessionV1),
    ...recordingEndpoints(bus),
    ...auditEndpoints(bus),
    ...subscriptionEndpoints(bus, sealers),
  ];
}
