import { SshWriter } from '@sallyport/ssh-keys';
import { Fxp } from '../relay/sftp/protocol.js';

/** A packet of SFTP: what follows the type byte is `content`. */
export function packet(type: number, content: Buffer = Buffer.alloc(0)): Buffer {
  return new SshWriter().string(Buffer.concat([Buffer.from([type]), content])).bytes();
}

/** What clients send and hosts answer (draft-ietf-secsh-filexfer-02). */
export const sftp = {
  init: (version = 3) => packet(Fxp.init, new SshWriter().uint32(version).bytes()),
  version: (version = 3) => packet(Fxp.version, new SshWriter().uint32(version).bytes()),
  open: (id: number, path: string | Buffer, flags: number) =>
    packet(Fxp.open, new SshWriter().uint32(id).string(path).uint32(flags).uint32(0).bytes()),
  close: (id: number, handle: string) => packet(Fxp.close, new SshWriter().uint32(id).string(handle).bytes()),
  read: (id: number, handle: string, length: number) =>
    packet(Fxp.read, new SshWriter().uint32(id).string(handle).uint64(0n).uint32(length).bytes()),
  write: (id: number, handle: string, data: Buffer) =>
    packet(Fxp.write, new SshWriter().uint32(id).string(handle).uint64(0n).string(data).bytes()),
  /** A request with one or more names: remove, mkdir, rename, … */
  named: (type: number, id: number, ...names: string[]) =>
    packet(type, names.reduce((writer, name) => writer.string(name), new SshWriter().uint32(id)).bytes()),
  /** Sets the size, by path or (`fsetstat`) by handle. */
  resize: (type: number, id: number, name: string, size: bigint) =>
    packet(type, new SshWriter().uint32(id).string(name).uint32(1).uint64(size).bytes()),
  extended: (id: number, name: string, rest: Buffer = Buffer.alloc(0)) =>
    packet(Fxp.extended, Buffer.concat([new SshWriter().uint32(id).string(name).bytes(), rest])),
  handle: (id: number, handle: string) => packet(Fxp.handle, new SshWriter().uint32(id).string(handle).bytes()),
  data: (id: number, data: Buffer) => packet(Fxp.data, new SshWriter().uint32(id).string(data).bytes()),
  status: (id: number, code: number, message = '') =>
    packet(Fxp.status, new SshWriter().uint32(id).uint32(code).string(message).string('en').bytes()),
};
