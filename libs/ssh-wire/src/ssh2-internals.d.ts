/**
 * What we use of ssh2 1.17.0 beyond its public interface: the transport layer (RFC 4253) without its own user
 * authentication, channels and streams. The version is pinned in package.json; `transport.spec.ts` fails when these change.
 */
declare module 'ssh2/lib/protocol/Protocol.js' {
  import type { ParsedKey } from 'ssh2';

  export interface Negotiated {
    kex: string;
    serverHostKey: string;
    cs: { cipher: string; mac: string };
    sc: { cipher: string; mac: string };
  }
  export interface Offer {
    kex: string[];
    serverHostKey: string[];
    cs: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] };
    sc: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] };
  }
  export interface Config {
    server?: boolean;
    /** By signature algorithm. */
    hostKeys?: Record<string, ParsedKey>;
    /** Without `SSH-2.0-`. */
    ident: string;
    offer: Offer;
    onWrite(data: Buffer): void;
    onError(error: Error): void;
    onHeader(header: { versions: { software: string } }): void;
    onHandshakeComplete(negotiated: Negotiated): void;
    hostVerifier?(key: Buffer, verdict: (good: boolean) => void): boolean;
    messageHandlers: { DISCONNECT(self: unknown, reason: number, description: string): void };
  }

  export default class Protocol {
    constructor(config: Config);
    /** Sends our identification line. */
    start: (() => void) | undefined;
    parse(chunk: Buffer, start: number, end: number): void;
    disconnect(reason: number): void;
    rekey(): void;
    cleanup(): void;
    /** Gets every packet that is not part of a key exchange; its return value must be undefined. */
    _onPayload: (payload: Buffer) => unknown;
    _onHandshakeComplete: (negotiated: Negotiated) => void;
    /** `_sig`: on the client's side, once the server has shown its host key. */
    _kex: { sessionID: Buffer; remoteExtInfoEnabled: boolean; _sig: Buffer };
    /** Set while a key exchange is under way. */
    _kexinit: Buffer | undefined;
    _decipher: { inSeqno: number };
    _packetRW: { write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
  }
}

declare module 'ssh2/lib/protocol/utils.js' {
  import type Protocol from 'ssh2/lib/protocol/Protocol.js';
  const utils: {
    /** Encrypts and writes, or queues while a key exchange is under way. */
    sendPacket(protocol: Protocol, packet: Buffer): void;
  };
  export default utils;
}

declare module 'ssh2/lib/protocol/crypto.js' {
  const crypto: {
    /** False when the native addon was not built. */
    readonly bindingAvailable: boolean;
    /** Settles when the WebAssembly fallback is loaded; nothing works before. */
    readonly init: Promise<void>;
    /** What packs packets before there are keys; the others pad in the same way. */
    readonly NullCipher: new (
      sequenceNumber: number,
      onWrite: (packet: Buffer) => void,
    ) => {
      /** A packet with its length and its padding filled in (RFC 4253, section 6), and room for the payload at 5. */
      allocPacket(payloadLength: number): Buffer;
    };
  };
  export default crypto;
}

declare module 'ssh2/lib/protocol/kex.js' {
  /** The base of all methods with one message in each direction; `args` are ssh2's own. */
  export type KeyExchangeClass = new (...args: any[]) => KeyExchange; // eslint-disable-line @typescript-eslint/no-explicit-any -- mixins need it
  export interface KeyExchange {
    _protocol: { _server: boolean };
    getPublicKey(): Buffer;
    /** Makes an mpint of a public key, where the method has one. */
    convertPublicKey(key: Buffer): Buffer;
    computeSecret(otherPublicKey: Buffer): Buffer | Error;
  }
  const kex: {
    /** By our patch: tools/patches. */
    addKeyExchange?(name: string, makeClass: (base: KeyExchangeClass) => KeyExchangeClass): void;
  };
  export default kex;
}
