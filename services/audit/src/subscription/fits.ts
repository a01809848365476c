import type { StoredEvent, SubscriptionFilter } from '@sallyport/contracts';

/** Whether a receiver wants an event. */
export function fits({ types, data }: SubscriptionFilter, event: Pick<StoredEvent, 'type' | 'data'>): boolean {
  const { type } = event;
  if (types && !types.some((wanted) => (wanted.endsWith('.') ? type.startsWith(wanted) : type === wanted)))
    return false;
  return Object.entries(data ?? {}).every(([field, wanted]) => asText(event.data[field]) === wanted);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
