import { SshReader, SshWriter } from '@sallyport/ssh-keys';

/** One SSH_MSG_CHANNEL_REQUEST: its name, and what follows `want reply` as it came. */
export interface ChannelRequest {
  readonly name: string;
  readonly wantReply: boolean;
  readonly payload: Buffer;
}

/** A request that the other side sent, with the way to answer it. */
export interface IncomingRequest extends ChannelRequest {
  /**
   * Answers, now or later; nothing happens when no reply was wanted, or at a second call. Answers leave in the order of the
   * requests (RFC 4254 section 4), so one that is late holds up those after it.
   */
  readonly reply: (success: boolean) => void;
}

/** Size of a terminal; pixels are 0 when unknown. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
}

/** What a request asks for, as far as rules and records need to know (RFC 4254 sections 6.2 to 6.10). */
export type RequestMeaning =
  | ({ readonly kind: 'terminal'; readonly term: string } & TerminalSize)
  | ({ readonly kind: 'resize' } & TerminalSize)
  | { readonly kind: 'environment'; readonly variable: string; readonly value: string }
  | { readonly kind: 'shell' }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'subsystem'; readonly subsystem: string }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'exit-status'; readonly status: number }
  | { readonly kind: 'exit-signal'; readonly signal: string; readonly coreDumped: boolean; readonly message: string }
  | { readonly kind: 'other' };

/**
 * Text that is not UTF-8 is shown with replacement characters; whoever passes a request on passes `payload`, byte by byte.
 * @throws SshFormatError the payload is not what the name promises
 */
export function readRequest({ name, payload }: Pick<ChannelRequest, 'name' | 'payload'>): RequestMeaning {
  const reader = new SshReader(payload);
  const text = (): string => reader.string().toString('utf8');
  const size = (): TerminalSize => ({
    columns: reader.uint32(),
    rows: reader.uint32(),
    widthPixels: reader.uint32(),
    heightPixels: reader.uint32(),
  });
  switch (name) {
    case 'pty-req':
      return { kind: 'terminal', term: text(), ...size() };
    case 'window-change':
      return { kind: 'resize', ...size() };
    case 'env':
      return { kind: 'environment', variable: text(), value: text() };
    case 'shell':
      return { kind: 'shell' };
    case 'exec':
      return { kind: 'exec', command: text() };
    case 'subsystem':
      return { kind: 'subsystem', subsystem: text() };
    case 'signal':
      return { kind: 'signal', signal: text() };
    case 'exit-status':
      return { kind: 'exit-status', status: reader.uint32() };
    case 'exit-signal':
      return { kind: 'exit-signal', signal: text(), coreDumped: reader.boolean(), message: text() };
    default:
      return { kind: 'other' };
  }
}

/** The payload of `exit-status`. */
export function exitStatus(status: number): Buffer {
  return new SshWriter().uint32(status).bytes();
}
