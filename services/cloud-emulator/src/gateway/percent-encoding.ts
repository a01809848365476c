import { ApiError } from './api-error.js';

/** More pairs than this in one request are refused. */
const maxPairs = 1_000;

/** RFC 3986 percent-encoding of UTF-8: only `A-Z a-z 0-9 - _ . ~` stay literal, hex digits in upper case. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/**
 * Name-value pairs of a query string or an `application/x-www-form-urlencoded` body. A `+` is a space.
 * @throws ApiError `InvalidParameter` for text that does not decode, a name given twice, or too many pairs
 */
export function parseForm(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (text === '') return parameters;
  const pairs = text.split('&', maxPairs + 1);
  if (pairs.length > maxPairs) throw new ApiError('InvalidParameter', 'The request has too many parameters.');
  for (const pair of pairs) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const name = decode(cut < 0 ? pair : pair.slice(0, cut));
    if (parameters.has(name)) throw new ApiError('InvalidParameter', 'A parameter is given more than once.');
    parameters.set(name, cut < 0 ? '' : decode(pair.slice(cut + 1)));
  }
  return parameters;
}

/**
 * Text of a body.
 * @throws ApiError `InvalidParameter` for bytes that are not UTF-8, which would otherwise be replaced and stored
 */
export function utf8Text(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new ApiError('InvalidParameter', 'The request body is not UTF-8.');
  }
}

/** `name=value` joined by `&`, sorted by name in code-unit order, both sides percent-encoded. */
export function canonicalQuery(parameters: ReadonlyMap<string, string>): string {
  return [...parameters]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ApiError('InvalidParameter', 'A parameter is not valid percent-encoded UTF-8.');
  }
}
