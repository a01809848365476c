import { DomainError } from '@sallyport/errors';

/** Who logs on, and to what, as typed in the SSH user name. */
export interface TypedName {
  readonly username: string;
  /** Absent when only USER was given. */
  readonly target?: { readonly host: string; readonly account?: string };
}

const LIMIT_BYTES = 255;
const separators = /[@+]/;

/**
 * Reads `USER@ACCOUNT@HOST`, `USER@HOST` or `USER`; `+` does wherever `@` does. USER and HOST hold neither sign (their
 * owners see to that), so what is between the first and the last sign is the account, whatever it holds: `alice@bob@corp@web-1`
 * asks for the account `bob@corp`. HOST is a name, an instance id or an address; `asset` knows which.
 * @throws DomainError `request.invalid` with a sentence that says what to type
 */
export function readUserName(text: string): TypedName {
  if (/\p{Cc}/u.test(text)) throw invalid('it has control characters');
  const first = text.search(separators);
  if (first < 0) return { username: part('USER', text) };
  const last = Math.max(text.lastIndexOf('@'), text.lastIndexOf('+'));
  const username = part('USER', text.slice(0, first));
  const host = part('HOST', text.slice(last + 1));
  if (first === last) return { username, target: { host } };
  return { username, target: { host, account: part('ACCOUNT', text.slice(first + 1, last)) } };
}

function part(name: string, text: string): string {
  if (text === '') throw invalid(`${name} is empty`);
  if (Buffer.byteLength(text) > LIMIT_BYTES) throw invalid(`${name} is longer than ${LIMIT_BYTES} bytes`);
  return text;
}

function invalid(problem: string): DomainError {
  return new DomainError('request.invalid', `the user name must be USER@ACCOUNT@HOST or USER@HOST, but ${problem}`);
}
