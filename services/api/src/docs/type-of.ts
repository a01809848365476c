import type { JsonSchema } from './openapi.js';

/** A schema in a few words: `{ key, value }[]`, `string (uuid)`, `password | ssh-key`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one)).join(' | ');
  if (schema.type === 'array') return arrayOf(schema);
  if (schema.type === 'object') return objectOf(schema);
  const types: unknown = schema.type ?? 'any'; // one, or a list of them
  return withLimits([types].flat().join(' | '), [
    schema.format,
    limit('from', schema.minimum),
    limit('to', schema.maximum),
    limit('at most', schema.maxLength, 'characters'),
  ]);
}

function arrayOf({ items = {}, minItems, maxItems }: JsonSchema): string {
  const one = typeOf(items as JsonSchema);
  const list = one.includes(' | ') || one.includes(' (') ? `(${one})[]` : `${one}[]`;
  return withLimits(list, [limit('at least', minItems), limit('at most', maxItems)]);
}

function objectOf({ properties, required = [], additionalProperties }: JsonSchema): string {
  const names = Object.keys(properties ?? {}).map((name) => (required.includes(name) ? name : `${name}?`));
  if (names.length > 0) return `{ ${names.join(', ')} }`;
  return typeof additionalProperties === 'object' ? `{ NAME: ${typeOf(additionalProperties)}, … }` : '{ }';
}

function withLimits(type: string, limits: readonly (string | undefined)[]): string {
  const known = limits.filter((one) => one !== undefined);
  return known.length > 0 ? `${type} (${known.join(', ')})` : type;
}

/** Nothing where there is none of ours: an integer of JSON has the limits of what a double holds exactly. */
function limit(word: string, value: number | undefined, unit = ''): string | undefined {
  if (value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER) return undefined;
  return `${word} ${value.toLocaleString('en')}${unit && ` ${unit}`}`;
}
