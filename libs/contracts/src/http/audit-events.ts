import { z } from 'zod';
import { ExportEventsV1, ListEventsV1, ProveConsistencyV1, ProveEventV1, ShowCheckpointV1 } from '../bus/audit.v1.js';
import { FollowEventsV1 } from '../bus/follow-events.v1.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit, wholeNumber } from './query.js';

const Sequence = wholeNumber(1);

export const ListEventsRoute = defineRoute({
  ...answeredBy(ListEventsV1),
  method: 'GET',
  path: '/v1/audit/events',
  summary: 'Audit events in the order of the log; all filters must hold.',
  query: ListEventsV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});

export const StreamEventsRoute = defineRoute({
  ...answeredBy(FollowEventsV1),
  method: 'GET',
  path: '/v1/audit/events/stream',
  summary:
    'Audit events as they come (server-sent events). `Last-Event-ID`, or `after`, is the sequence to go on from; without it from now on.',
  query: FollowEventsV1.request.omit({ actor: true, wait: true }).extend({ after: wholeNumber(0).optional() }),
  stream: 'text/event-stream',
  reply: z.never(),
  status: 200,
});

export const ShowCheckpointRoute = defineRoute({
  ...answeredBy(ShowCheckpointV1),
  method: 'GET',
  path: '/v1/audit/checkpoint',
  summary: 'The newest signed head of the log (C2SP tlog-checkpoint).',
  status: 200,
});

export const ProveEventRoute = defineRoute({
  ...answeredBy(ProveEventV1),
  method: 'GET',
  path: '/v1/audit/proof',
  summary: 'Proof that an event is in the log of the newest checkpoint (RFC 9162 section 2.1.3).',
  query: z.strictObject({ sequence: Sequence }),
  status: 200,
});

export const ProveConsistencyRoute = defineRoute({
  ...answeredBy(ProveConsistencyV1),
  method: 'GET',
  path: '/v1/audit/proof/consistency',
  summary: 'Proof that the log, when it had `first` events, is the beginning of the log now (RFC 9162 section 2.1.4).',
  query: z.strictObject({ first: Sequence }),
  status: 200,
});

export const ExportEventsRoute = defineRoute({
  ...answeredBy(ExportEventsV1),
  method: 'GET',
  path: '/v1/audit/export',
  summary:
    'Events with their proof, as lines that `sallyport verify` reads; all that a checkpoint covers, unless told.',
  query: ExportEventsV1.request.omit({ actor: true, next: true }).extend({
    first: Sequence.optional(),
    last: Sequence.optional(),
  }),
  stream: 'application/x-ndjson',
  reply: z.never(),
  status: 200,
});
