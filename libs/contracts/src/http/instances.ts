import { ListInstancesV1 } from '../bus/hosts.v1.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit } from './query.js';

export const ListInstancesRoute = defineRoute({
  ...answeredBy(ListInstancesV1),
  method: 'GET',
  path: '/v1/ecs/instances',
  summary: 'ECS instances of a region: to be imported as hosts, or to get a secret.',
  query: ListInstancesV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});
