import { SshFormatError, SshReader } from '@sallyport/ssh-keys';
import { SshWriter } from '@sallyport/ssh-keys';
import { MalformedTransfer } from '../malformed-transfer.js';
import type { PacketHead } from './packet-scanner.js';
import { Fxp, HANDLE_BYTES } from './protocol.js';

/** An answer of the target, as far as the record needs to know. */
export type SftpReply =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'status'; readonly id: number; readonly code: number }
  | { readonly kind: 'handle'; readonly id: number; readonly handle: string }
  | { readonly kind: 'data'; readonly id: number; readonly dataBytes: number }
  | { readonly kind: 'other'; readonly id: number };

/** How much of an answer is looked at: `uint32 id`, and then a code, a length, or a handle. */
export function replyHeadBytes(type: number): number {
  switch (type) {
    case Fxp.status:
    case Fxp.data:
      return 8;
    case Fxp.handle:
      return 8 + HANDLE_BYTES;
    default:
      return 4;
  }
}

/** @throws MalformedTransfer the answer is not what its type promises */
export function readSftpReply({ type, content }: PacketHead): SftpReply {
  const reader = new SshReader(content);
  try {
    if (type === Fxp.version) return { kind: 'version', version: reader.uint32() };
    const id = reader.uint32();
    switch (type) {
      case Fxp.status:
        return { kind: 'status', id, code: reader.uint32() };
      case Fxp.handle:
        return { kind: 'handle', id, handle: reader.string(HANDLE_BYTES).toString('latin1') };
      case Fxp.data:
        return { kind: 'data', id, dataBytes: reader.uint32() };
      default:
        return { kind: 'other', id };
    }
  } catch (error) {
    if (error instanceof SshFormatError) throw new MalformedTransfer(`answer type ${type}: ${error.message}`);
    throw error;
  }
}

/** SSH_FXP_STATUS: `uint32 id; uint32 code; string message; string language tag` (draft-ietf-secsh-filexfer-02 section 7). */
export function statusPacket(id: number, code: number, message: string): Buffer {
  const content = new SshWriter().byte(Fxp.status).uint32(id).uint32(code).string(message).string('en').bytes();
  return new SshWriter().string(content).bytes();
}

/** SSH_FXP_INIT: `uint32 version`. */
export function initPacket(version: number): Buffer {
  return new SshWriter().string(new SshWriter().byte(Fxp.init).uint32(version).bytes()).bytes();
}
