import { Problem, SignInRoute } from '@sallyport/contracts';
import type { RouteContract } from '@sallyport/contracts';

const CALL_TIMEOUT_MS = 60_000;

/** What goes into a call, each part as the contract types it; a part that must be empty is left out. */
export interface CallInput<C extends RouteContract> {
  params?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: InputOf<C['body']>;
}
type InputOf<S> = S extends { _zod: { input: infer I } } ? I : never;
type OutputOf<S> = S extends { _zod: { output: infer O } } ? O : never;

/** What came back, whatever it was. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  /** Undefined where the body is empty or not JSON. */
  json: unknown;
  text: string;
}

/** A refusal: the problem that the API answered with. */
export class RestProblem extends Error {
  override readonly name = 'RestProblem';

  constructor(
    readonly problem: Problem,
    call: string,
  ) {
    super(`${call}: ${problem.status} ${problem.code} (${problem.detail})`);
  }
}

/** A client of the REST that knows its contracts. */
export class RestClient {
  constructor(
    /** `http://host:port` */
    readonly origin: string,
    readonly token?: string,
  ) {}

  /** The same API as somebody who signs in. @throws RestProblem when the password is wrong */
  async signIn(username: string, password: string): Promise<RestClient> {
    const { token } = await this.call(SignInRoute, { body: { username, password } });
    return new RestClient(this.origin, token);
  }

  /**
   * @returns the answer, checked against the contract; an empty object where it has no body
   * @throws RestProblem when the API refuses
   * @throws Error when the answer has not the status or the shape of the contract
   */
  async call<C extends RouteContract>(route: C, input: CallInput<C> = {}): Promise<OutputOf<C['reply']>> {
    const answer = await this.raw(route.method, pathOf(route, input), input.body);
    const name = `${route.method} ${route.path}`;
    if (answer.status >= 400) throw new RestProblem(Problem.parse(answer.json), name);
    if (answer.status !== route.status) throw new Error(`${name} answered ${answer.status} instead of ${route.status}`);
    return route.reply.parse(answer.json ?? {}) as OutputOf<C['reply']>;
  }

  /** Any call at all, for what the contracts would not let through. */
  async raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const response = await fetch(new URL(path, this.origin), {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, json, text };
  }
}

function pathOf<C extends RouteContract>(route: C, { params = {}, query = {} }: CallInput<C>): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${route.path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
