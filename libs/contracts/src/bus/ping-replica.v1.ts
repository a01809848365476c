import { z } from 'zod';
import { defineRequest } from '../define.js';
import { Empty } from '../values.js';

/** Audit asks a session process whether it lives: what one that is gone has recorded will not be ended by it. */
export const PingReplicaV1 = defineRequest({
  subject: 'session.replica.ping.v1',
  callers: ['audit'],
  timeoutMs: 2_000,
  addressed: true,
  request: z.strictObject({}),
  reply: Empty,
  errors: [],
});
