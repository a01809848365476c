/** An HTTP request as it came in, before anything of it is believed. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Without the `?`. */
  readonly queryString: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Address of the peer; loopback. */
  readonly remoteAddress: string;
}

/** An API call with what is needed to prove who sent it. Nothing in it is proven until `verify` said yes. */
export interface SignedCall {
  readonly algorithm: 'HMAC-SHA1' | 'ACS3-HMAC-SHA256';
  readonly accessKeyId: string;
  /** Only with temporary credentials. */
  readonly securityToken: string | undefined;
  /** As the caller wrote it. */
  readonly timestamp: string;
  readonly nonce: string;
  /** What the server thinks was signed. Holds every parameter, secret values too, when the algorithm is HMAC-SHA1. */
  readonly stringToSign: string;
  /** Parameters of the operation, from query and body. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether this secret made the signature; in constant time. */
  verify(accessKeySecret: string): boolean;
}

/** True for a body of `application/x-www-form-urlencoded`, whatever charset it names. */
export function hasFormBody({ headers }: Pick<RawRequest, 'headers'>): boolean {
  const contentType = headers.get('content-type') ?? '';
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType);
}
