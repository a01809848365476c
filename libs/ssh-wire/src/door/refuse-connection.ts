import type { Socket } from 'node:net';
import { SshWriter } from '@sallyport/ssh-keys';
import type { DisconnectReason } from '../messages.js';
import { Message } from '../messages.js';

const BLOCK_BYTES = 8;
const LEAST_PADDING_BYTES = 4;
/** A client that does not hang up is cut off. */
const LINGER_MS = 2_000;

/**
 * Sends a client away before any key exchange: our identification, and an unencrypted DISCONNECT, which RFC 4253
 * (section 11.1) permits at any time. It costs nothing, and clients show the text.
 * @param ident software version, after `SSH-2.0-`
 */
export function refuseConnection(socket: Socket, ident: string, reason: DisconnectReason, text: string): void {
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(cut);
  });
  // Its own errors are all that can still happen; and bytes that nobody reads would turn our goodbye into a reset.
  socket.on('error', () => socket.destroy());
  socket.resume();
  const disconnect = new SshWriter().byte(Message.disconnect).uint32(reason).string(text).string('').bytes();
  socket.end(Buffer.concat([Buffer.from(`SSH-2.0-${ident}\r\n`), packet(disconnect)]));
}

/** uint32 packet_length, byte padding_length, payload, padding (RFC 4253 section 6), without encryption and MAC. */
function packet(payload: Buffer): Buffer {
  const unpadded = 5 + payload.length;
  const padding =
    LEAST_PADDING_BYTES + ((BLOCK_BYTES - ((unpadded + LEAST_PADDING_BYTES) % BLOCK_BYTES)) % BLOCK_BYTES);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}
