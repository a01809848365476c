import { z } from 'zod';
import { GetSessionV1, ListSessionsV1 } from '../bus/audit.v1.js';
import { ListCommandsV1 } from '../bus/commands.v1.js';
import { FollowRecordingV1, ListRecordingsV1, ReadRecordingV1 } from '../bus/recordings.v1.js';
import { TerminateSessionV1 } from '../bus/sessions.v1.js';
import { SessionId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit, wholeNumber } from './query.js';

export const ListSessionsRoute = defineRoute({
  ...answeredBy(ListSessionsV1),
  method: 'GET',
  path: '/v1/sessions',
  summary: 'Sessions, newest first; an operator sees his own.',
  query: ListSessionsV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});

export const ListCommandsRoute = defineRoute({
  ...answeredBy(ListCommandsV1),
  method: 'GET',
  path: '/v1/commands',
  summary:
    'What was run, newest first: commands as given, and of terminals as their screen showed it, which is an aid and no boundary. An operator sees his own.',
  query: ListCommandsV1.request.omit({ actor: true }).extend({ limit: Limit }),
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

const params = z.strictObject({ sessionId: SessionId });
const query = z.strictObject({ channel: wholeNumber(0, 1_000_000).optional() });

export const ListRecordingsRoute = defineRoute({
  ...answeredBy(ListRecordingsV1),
  method: 'GET',
  path: '/v1/sessions/{sessionId}/recordings',
  summary: 'What is recorded of a session, channel by channel; an operator sees his own.',
  params,
  status: 200,
});

export const GetRecordingRoute = defineRoute({
  ...answeredBy(ReadRecordingV1),
  method: 'GET',
  path: '/v1/sessions/{sessionId}/recording',
  summary:
    'A recording as asciicast v2, for `asciinema play`: of the first channel that is recorded, or of `channel`. Viewing it is on record.',
  params,
  query,
  stream: 'application/x-asciicast',
  reply: z.never(),
  status: 200,
});

export const WatchSessionRoute = defineRoute({
  ...answeredBy(FollowRecordingV1),
  method: 'GET',
  path: '/v1/sessions/{sessionId}/live',
  summary:
    'A session while it goes on (server-sent events): `screen` first, then asciicast events as `cast`, at last `end`. Watching is on record.',
  params,
  query,
  stream: 'text/event-stream',
  reply: z.never(),
  status: 200,
});

export const TerminateSessionRoute = defineRoute({
  ...answeredBy(TerminateSessionV1),
  method: 'POST',
  path: '/v1/sessions/{sessionId}/terminate',
  summary: 'Ends a session with a reason, within two seconds; the user may be kept out for a while.',
  params,
  body: TerminateSessionV1.request.omit({ actor: true, sessionId: true }),
  status: 202,
});
