import type { EventContract } from '@sallyport/contracts';
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The data of an event as JSON Schema (2020-12); each field says its `dataClass`. */
function schemaOf({ data }: EventContract): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(data, { io: 'output', target: 'draft-2020-12' });
  delete schema.$schema;
  return schema;
}

const inOrder = (events: readonly EventContract[]): EventContract[] =>
  [...events].sort((a, b) => (a.name < b.name ? -1 : 1));

/** What is said of a field's shape in a word or two. */
function shapeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map((each) => shapeOf(each)).join(' or ');
  if (schema.type === 'array') return `list of ${shapeOf((schema.items ?? {}) as JsonSchema)}`;
  if (schema.type === 'object') {
    const fields = Object.keys(schema.properties ?? {});
    return fields.length > 0 ? `object of ${fields.map((field) => `\`${field}\``).join(', ')}` : 'object';
  }
  return [schema.type, schema.format].filter((part) => part !== undefined).join(', ') || 'any';
}

/** docs/events.md: every event, for people. */
export function eventsMarkdown(events: readonly EventContract[]): string {
  const one = (event: EventContract): string => {
    const { properties = {}, required = [] } = schemaOf(event);
    const fields = Object.entries(properties).map(([name, schema]) => {
      const field = schema as JsonSchema & { dataClass?: string };
      return `- \`${name}\`${required.includes(name) ? '' : ' (optional)'}, ${field.dataClass ?? 'secret'}: ${shapeOf(field)}`;
    });
    const sources = event.sources.map((source) => `\`${source}\``).join(', ');
    return [
      `## ${event.name}`,
      '',
      event.description,
      '',
      `${event.guarantee}; by ${sources}; \`${event.type}\` on \`${event.subject}\``,
      '',
      ...fields,
      '',
    ].join('\n');
  };
  return [
    '# Audit events',
    '',
    'Made from the contracts (`libs/contracts/src/events`) by `npm run generate`; a test keeps it equal. The same for programs: [asyncapi.json](asyncapi.json).',
    '',
    'Each event is a CloudEvent 1.0 in structured JSON: `specversion`, `id` (also `Nats-Msg-Id`), `type`, `source` (`/sallyport/SERVICE`), `subject` (the session, where there is one), `time`, `datacontenttype`, `traceparent` (W3C, where there is a trace), and `data` with the fields below. Stored, it also has a `sequence`.',
    '',
    'Guarantee: an `enforced` event is on disk in JetStream before its act is done; where it cannot be, the act is refused (`audit.unavailable`, counted in `sallyport.audit.events.refused`). A `best-effort` event tells of what has happened already; one that is lost is counted (`sallyport.audit.events.lost`) and logged. No setting turns an event off.',
    '',
    'Class of a field: `public` may stand in logs and metrics; `sensitive` stands in the log of record only. What has no class counts as secret, and cannot be in an event.',
    '',
    ...inOrder(events).map(one),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** docs/asyncapi.json: AsyncAPI 3, for programs. */
export function asyncApi(events: readonly EventContract[]): object {
  const sorted = inOrder(events);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Sallyport audit events',
      version: '1',
      description:
        'CloudEvents 1.0 in the JetStream stream AUDIT. Read them by a consumer of your own: docs/subscribers.md.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(
      sorted.map(({ name, subject, description }) => [
        name,
        { address: subject, description, messages: { event: { $ref: `#/components/messages/${name}` } } },
      ]),
    ),
    operations: Object.fromEntries(
      sorted.map(({ name }) => [`receive.${name}`, { action: 'receive', channel: { $ref: `#/channels/${name}` } }]),
    ),
    components: {
      messages: Object.fromEntries(
        sorted.map((event) => [
          event.name,
          {
            name: event.type,
            summary: event.description,
            'x-guarantee': event.guarantee,
            'x-sources': event.sources,
            payload: {
              allOf: [
                { $ref: '#/components/schemas/CloudEvent' },
                { type: 'object', properties: { type: { const: event.type }, data: schemaOf(event) } },
              ],
            },
          },
        ]),
      ),
      schemas: {
        CloudEvent: {
          type: 'object',
          required: ['specversion', 'id', 'type', 'source', 'time', 'datacontenttype', 'data'],
          properties: {
            specversion: { const: '1.0' },
            id: { type: 'string', format: 'uuid' },
            type: { type: 'string' },
            source: { type: 'string' },
            subject: { type: 'string' },
            time: { type: 'string', format: 'date-time' },
            datacontenttype: { const: 'application/json' },
            traceparent: { type: 'string' },
            data: { type: 'object' },
          },
        },
      },
    },
  };
}
