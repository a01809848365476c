import { createHash } from 'node:crypto';
import type { JsonSchema, OpenApi, Operation, Parameter } from './openapi.js';
import { typeOf } from './type-of.js';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; overflow-wrap: anywhere }
  h2 { margin-top: 3rem; border-bottom: 1px solid #d0d7de }
  article { margin: 1.5rem 0; padding: 0 1rem 1rem; border: 1px solid #d0d7de; border-radius: 6px }
  h3 { font: 600 1rem ui-monospace, monospace }
  h4 { margin: 1rem 0 .25rem }
  ul { padding-left: 1.25rem }
  dl { display: grid; grid-template-columns: minmax(0, 15rem) minmax(0, 1fr); gap: .25rem 1rem; margin: 0 }
  dd { margin: 0 }
  small { color: #59636e }
  code { font: .9em ui-monospace, monospace }
  @media (max-width: 40rem) { dl { display: block } dt { margin-top: .5rem } dd { margin-left: 1rem } }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } a { color: #58a6ff } small { color: #9198a1 } }
`;

/** Of the page alone: it loads nothing, and runs nothing but its own style. */
export const pageSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The OpenAPI document for people: one file, no script, nothing from elsewhere. */
export function docsPage(api: OpenApi): string {
  const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(calls.flatMap(({ operation }) => operation.tags))];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(api.info.title)} REST</title>
<style>${style}</style>
<h1>${text(api.info.title)} REST ${text(api.info.version)}</h1>
<p>${text(api.info.description)} The same for programs: <a href="/v1/openapi.json">openapi.json</a>.</p>
<p>Send the token of <code>POST /v1/sign-in</code> as <code>Authorization: Bearer TOKEN</code>. Whatever goes wrong is
answered as <code>application/problem+json</code> (RFC 9457) with a <code>detail</code> for people, a <code>code</code> for
programs and a <code>traceId</code> to quote; where Alibaba Cloud refused, <code>cloud</code> has its own code and request
id. What a code means, and what to do: <code>docs/errors.md</code> of this version.</p>
<p>A part of a path in braces is URL-encoded: the secret <code>acs/ecs/web-1</code> is at
<code>/v1/kms/secrets/acs%2Fecs%2Fweb-1</code>.</p>
<nav><p>${tags.map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`).join(' · ')}</p></nav>
${tags.map((tag) => section(tag, calls)).join('\n')}
</html>
`;
}

function section(tag: string, all: readonly Call[]): string {
  const calls = all.filter(({ operation }) => operation.tags.includes(tag));
  const lines = calls.map(({ method, path, operation }) => {
    const link = `<a href="#${text(operation.operationId)}"><code>${method} ${text(path)}</code></a>`;
    return `<li>${link} ${text(operation.summary)}`;
  });
  return `<h2 id="${text(tag)}">${text(tag)}</h2>
<ul>${lines.join('')}</ul>
${calls.map((call) => article(call)).join('\n')}`;
}

function article({ method, path, operation }: Call): string {
  const answers = Object.entries(operation.responses);
  const good = answers.find(([, { content }]) => content?.['application/json'])?.[1].content?.['application/json'];
  return `<article id="${text(operation.operationId)}">
<h3>${method} ${text(path)}</h3>
<p>${text(operation.summary)} ${text(operation.description)}</p>
${list('Parameters', operation.parameters.map(parameterLine))}
${list('Body', fieldLines(operation.requestBody?.content['application/json']?.schema))}
${list('Answer', fieldLines(good?.schema))}
${list(
  'Statuses',
  answers.map(([status, { description }]) => ({ name: status, what: description })),
)}
</article>`;
}

interface Line {
  readonly name: string;
  readonly optional?: boolean;
  readonly what: string;
  readonly description?: string | undefined;
}

const parameterLine = ({ name, in: where, required, schema }: Parameter): Line => ({
  name,
  optional: !required,
  what: `${typeOf(schema)}, in the ${where}`,
  description: schema.description,
});

function fieldLines(schema: JsonSchema | undefined): Line[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const field = property as JsonSchema;
    const optional = !schema?.required?.includes(name);
    return { name, optional, what: typeOf(field), description: field.description };
  });
}

function list(title: string, lines: readonly Line[]): string {
  if (lines.length === 0) return '';
  const terms = lines.map(({ name, optional = false, what, description = '' }) => {
    const term = `<dt><code>${text(name)}</code>${optional ? ' <small>optional</small>' : ''}`;
    const words = description === '' ? text(what) : `${text(description)} <small>${text(what)}</small>`;
    return `${term}<dd>${words}`;
  });
  return `<h4>${title}</h4><dl>${terms.join('')}</dl>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replace(/[&<>"]/g, (character) => entities[character] ?? character);
