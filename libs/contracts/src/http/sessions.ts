import { z } from 'zod';
import { GetSessionV1, ListSessionsV1 } from '../bus/audit.v1.js';
import { SessionId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit } from './query.js';

export const ListSessionsRoute = defineRoute({
  ...answeredBy(ListSessionsV1),
  method: 'GET',
  path: '/v1/sessions',
  summary: 'Sessions, newest first; an operator sees his own.',
  query: ListSessionsV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});

export const GetSessionRoute = defineRoute({
  ...answeredBy(GetSessionV1),
  method: 'GET',
  path: '/v1/sessions/{sessionId}',
  summary: 'One session; an operator sees his own.',
  params: z.strictObject({ sessionId: SessionId }),
  status: 200,
});
