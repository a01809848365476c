import * as bus from './bus/index.js';
import type { EventContract, RequestContract } from './define.js';
import * as events from './events/index.js';

const isRequest = (value: unknown): value is RequestContract =>
  typeof value === 'object' && value !== null && 'subject' in value && 'callers' in value;
const isEvent = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'guarantee' in value;

/** Every request that services send each other. */
export const allRequests: readonly RequestContract[] = Object.values<unknown>(bus).filter(isRequest);
/** Every audit event. */
export const allEvents: readonly EventContract[] = Object.values<unknown>(events).filter(isEvent);
