import { ListEventsV1 } from '../bus/audit.v1.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit } from './query.js';

export const ListEventsRoute = defineRoute({
  ...answeredBy(ListEventsV1),
  method: 'GET',
  path: '/v1/audit/events',
  summary: 'Audit events in the order of the log; all filters must hold.',
  query: ListEventsV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});
