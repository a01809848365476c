import * as bus from './bus/index.js';
import type { EventContract, RequestContract } from './define.js';
import * as events from './events/index.js';
import type { RouteContract } from './http/define-route.js';
import * as http from './http/index.js';

const isRequest = (value: unknown): value is RequestContract =>
  typeof value === 'object' && value !== null && 'subject' in value && 'callers' in value;
const isEvent = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'guarantee' in value;
const isRoute = (value: unknown): value is RouteContract =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value;

/** Every request that services send each other. */
export const allRequests: readonly RequestContract[] = Object.values<unknown>(bus).filter(isRequest);
/** Every audit event. */
export const allEvents: readonly EventContract[] = Object.values<unknown>(events).filter(isEvent);
/** Every call of the REST. */
export const allRoutes: readonly RouteContract[] = Object.values<unknown>(http).filter(isRoute);
