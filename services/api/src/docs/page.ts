import { createHash } from 'node:crypto';
import type { JsonSchema, OpenApi, Operation, Parameter } from './openapi.js';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
  h2 { margin-top: 3rem; border-bottom: 1px solid #d0d7de }
  article { margin: 1.5rem 0; padding: 0 1rem 1rem; border: 1px solid #d0d7de; border-radius: 6px }
  h3 { font: 600 1rem ui-monospace, monospace; overflow-wrap: anywhere }
  h4 { margin: 1rem 0 .25rem }
  table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; vertical-align: top; padding: .2rem .75rem .2rem 0 }
  code { font: .9em ui-monospace, monospace }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } a { color: #58a6ff } }
`;

/** Of the page alone: it loads nothing, and runs nothing but its own style. */
export const pageSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`;

/** The OpenAPI document for people: one file, no script, nothing from elsewhere. */
export function docsPage(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(api.info.title)} REST</title>
<style>${style}</style>
<h1>${text(api.info.title)} REST ${text(api.info.version)}</h1>
<p>${text(api.info.description)} The same for programs: <a href="/v1/openapi.json">openapi.json</a>.</p>
<p>Send the token of <code>POST /v1/sign-in</code> as <code>Authorization: Bearer TOKEN</code>. Whatever goes wrong is
answered as <code>application/problem+json</code> (RFC 9457) with a <code>code</code> for programs and a
<code>traceId</code> to quote.</p>
<p>${tags.map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`).join(' · ')}</p>
${tags
  .map(
    (tag) => `<h2 id="${text(tag)}">${text(tag)}</h2>
${operations
  .filter(({ operation }) => operation.tags.includes(tag))
  .map(({ method, path, operation }) => article(method, path, operation))
  .join('\n')}`,
  )
  .join('\n')}
</html>
`;
}

function article(method: string, path: string, operation: Operation): string {
  const answers = Object.entries(operation.responses);
  const good = answers.find(([, { content }]) => content?.['application/json'])?.[1].content?.['application/json'];
  return `<article id="${text(operation.operationId)}">
<h3>${method} ${text(path)}</h3>
<p>${text(operation.summary)} ${text(operation.description)}</p>
${table('Parameters', operation.parameters.map(parameterRow))}
${table('Body', fields(operation.requestBody?.content['application/json']?.schema))}
${table('Answer', fields(good?.schema))}
${table(
  'Statuses',
  answers.map(([status, { description }]) => [status, description]),
)}
</article>`;
}

const parameterRow = ({ name, in: where, required, schema }: Parameter): string[] => [
  `${name}${required ? '' : '?'}`,
  `${typeOf(schema)}, in the ${where}`,
];

function fields(schema: JsonSchema | undefined): string[][] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => [
    `${name}${schema?.required?.includes(name) ? '' : '?'}`,
    typeOf(property as JsonSchema),
  ]);
}

/** A schema in a few words: `{ key, value }[]`, `string (uuid)`, `password | ssh-key`. */
function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one)).join(' | ');
  if (schema.type === 'array') return `${typeOf((schema.items ?? {}) as JsonSchema)}[]`;
  if (schema.type === 'object') return `{ ${Object.keys(schema.properties ?? {}).join(', ')} }`;
  const limits = [
    schema.format,
    schema.minimum === undefined ? undefined : `from ${schema.minimum}`,
    schema.maximum === undefined ? undefined : `to ${schema.maximum}`,
    schema.maxLength === undefined ? undefined : `at most ${schema.maxLength} characters`,
  ].filter((limit) => limit !== undefined);
  const type = typeof schema.type === 'string' ? schema.type : 'any';
  return limits.length > 0 ? `${type} (${limits.join(', ')})` : type;
}

function table(title: string, rows: string[][]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(([name = '', ...rest]) => `<tr><td><code>${text(name)}</code><td>${text(rest.join(' '))}`);
  return `<h4>${title}</h4><table>${lines.join('')}</table>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replace(/[&<>"]/g, (character) => entities[character] ?? character);
