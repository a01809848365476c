import { Problem, errorCodes, type ErrorCode, type RouteContract } from '@sallyport/contracts';
import { z } from 'zod';
import { statusOf } from '../http/status-of.js';

/** As much of OpenAPI 3.1 as we write. */
export interface OpenApi {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, unknown> };
  security: Record<string, never[]>[];
}
export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; content?: Content }>;
  security?: [];
}
export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
}
export type JsonSchema = z.core.JSONSchema.BaseSchema;
type Content = Record<string, { schema: JsonSchema }>;

/** What any route may answer besides its own errors. */
const always: readonly ErrorCode[] = ['request.invalid', 'reply.too-large', 'service.unavailable', 'internal'];
const withToken: readonly ErrorCode[] = ['access.unauthenticated'];
const withRole: readonly ErrorCode[] = ['access.forbidden'];

/** The REST as OpenAPI 3.1, made from the routes that are served and nothing else. */
export function openApi(routes: readonly RouteContract[], version: string): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport',
      version,
      description:
        'An SSH bastion host whose credentials live in Alibaba Cloud KMS. Lists are paged: pass nextCursor as cursor.',
    },
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output'), ErrorCode: { type: 'string', enum: [...errorCodes] } },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }],
  };
}

function operation(route: RouteContract): Operation {
  const hasBody = Object.keys(route.body.shape).length > 0;
  const needed = hasBody && !route.body.safeParse({}).success;
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: route.summary,
    description: audience(route),
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(hasBody ? { requestBody: { required: needed, content: json(jsonSchema(route.body, 'input')) } } : {}),
    responses: { [route.status]: goodAnswer(route), ...problems(route) },
    ...(route.roles === 'public' ? { security: [] } : {}),
  };
}

function goodAnswer({ status, reply, stream }: RouteContract): Operation['responses'][string] {
  if (stream) return { description: 'The answer, as a stream.', content: { [stream]: { schema: { type: 'string' } } } };
  return status === 204
    ? { description: 'Done.' }
    : { description: 'The answer.', content: json(jsonSchema(reply, 'output')) };
}

function audience({ roles }: RouteContract): string {
  if (roles === 'public') return 'For everybody, without a token.';
  if (roles === 'any') return 'For everybody with a token.';
  return `Needs the role ${roles.join(' or ')}.`;
}

function problems(route: RouteContract): Operation['responses'] {
  const codes = new Set([
    ...always,
    ...(route.roles === 'public' ? [] : withToken),
    ...(typeof route.roles === 'string' ? [] : withRole),
    ...route.errors,
  ]);
  const statuses = [...new Set([...codes].map((code) => statusOf[code]))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: [...codes].filter((code) => statusOf[code] === status).join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function parameters(where: Parameter['in'], schema: z.ZodObject): Parameter[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property as JsonSchema,
  }));
}

/** The dialect of OpenAPI 3.1 is the draft that zod writes; it goes without saying in each schema. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const written: JsonSchema = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  delete written.$schema;
  return written;
}

const json = (schema: JsonSchema): Content => ({ 'application/json': { schema } });
/** The first word of the path that names a resource: `kms`, `hosts`, … */
const tagOf = ({ path }: RouteContract): string => path.split('/')[2] ?? 'other';
/** `get-v1-hosts-hostId`: stable, and unique as method and path are. */
const operationId = ({ method, path }: RouteContract): string =>
  `${method.toLowerCase()}${path.replace(/[{}]/g, '').replaceAll('/', '-')}`;
