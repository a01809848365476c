import type { FilePolicy } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { FileChange, FilePermission, FileRecord } from '../file-acts.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { describeFlags, directionOf, permissionFor, permissionsToOpen } from './file-rules.js';
import type { OpenFile, OpenFiles } from './open-files.js';
import { Fx, VERSION } from './protocol.js';
import { initPacket, statusPacket } from './sftp-reply.js';
import type { Change, SftpRequest } from './sftp-request.js';

/** The bytes that go to the target, or our own answer to a request that does not. */
export type Verdict = { readonly pass: Buffer } | { readonly id: number; readonly answer: Buffer };

/** What the answer of the target will mean for the record. */
export type Expected =
  | { readonly kind: 'open'; readonly file: OpenFile }
  | { readonly kind: 'read' | 'close'; readonly handle: string }
  | { readonly kind: 'write'; readonly handle: string; readonly dataBytes: number }
  | { readonly kind: 'change'; readonly change: FileChange }
  | { readonly kind: 'nothing' };

interface Judgement {
  readonly expected: Expected;
  /** Asks for the record, where one is needed, so it is called once, and in the order of the requests. */
  readonly verdict: () => Verdict | Promise<Verdict>;
}

const UNSUPPORTED = 'sallyport: this request is not known, so it cannot be recorded and is not passed on';

/** Decides which requests pass. What opens or changes a file passes when policy permits it and it has been recorded. */
export class RequestJudge {
  #greeted = false;

  constructor(
    private readonly record: FileRecord,
    private readonly files: OpenFiles,
    private readonly rules: { readonly policy: FilePolicy; readonly explain: (error: unknown) => string },
  ) {}

  /** @throws MalformedTransfer the stream does not begin with INIT, or has a second one */
  judge(request: SftpRequest, bytes: Buffer): Judgement {
    if (request.kind === 'init' ? this.#greeted : !this.#greeted) {
      throw new MalformedTransfer('a stream begins with INIT, and has no other');
    }
    const pass = (expected: Expected): Judgement => ({ expected, verdict: () => ({ pass: bytes }) });
    switch (request.kind) {
      case 'init':
        this.#greeted = true;
        // Whoever speaks a later version speaks this one; the host must not choose one that is not understood here.
        return request.version > VERSION
          ? { expected: { kind: 'nothing' }, verdict: () => ({ pass: initPacket(VERSION) }) }
          : pass({ kind: 'nothing' });
      case 'open':
        return this.#open(request, bytes);
      case 'change':
        return this.#change(request.id, request.change, bytes);
      case 'close':
      case 'read':
        return pass({ kind: request.kind, handle: request.handle });
      case 'write':
        return pass({ kind: 'write', handle: request.handle, dataBytes: request.dataBytes });
      case 'look':
        return pass({ kind: 'nothing' });
      case 'unknown':
        return answer(request.id, Fx.opUnsupported, UNSUPPORTED);
    }
  }

  #open({ id, path, flags }: Extract<SftpRequest, { kind: 'open' }>, bytes: Buffer): Judgement {
    const direction = directionOf(flags);
    const file: OpenFile = { path, direction, number: undefined, bytesRead: 0, bytesWritten: 0 };
    const verdict = (): Promise<Verdict> =>
      this.#permitted(id, permissionsToOpen(direction), path, bytes, async () => {
        file.number = await this.record.opened({ path, direction, detail: describeFlags(flags) });
      });
    return { expected: { kind: 'open', file }, verdict };
  }

  #change(id: number, asked: Change, bytes: Buffer): Judgement {
    if (this.#isWrite(asked)) return { expected: { kind: 'nothing' }, verdict: () => ({ pass: bytes }) };
    const change = this.#withPaths(asked);
    if (!change) return answer(id, Fx.failure, 'sallyport: this handle is of no open file');
    const verdict = (): Promise<Verdict> =>
      this.#permitted(id, [permissionFor(change.operation)], change.path, bytes, () => this.record.changed(change));
    return { expected: { kind: 'change', change }, verdict };
  }

  async #permitted(
    id: number,
    permissions: readonly FilePermission[],
    path: Buffer,
    bytes: Buffer,
    record: () => Promise<void>,
  ): Promise<Verdict> {
    const denied = permissions.find((permission) => !this.rules.policy[permission]);
    try {
      if (denied === undefined) {
        await record();
        return { pass: bytes };
      }
      await this.record.refused(denied, path);
      const error = new DomainError('file.forbidden', `your authorization does not permit this (${denied})`);
      return { id, answer: statusPacket(id, Fx.permissionDenied, this.rules.explain(error)) };
    } catch (error) {
      const code = denied === undefined ? Fx.failure : Fx.permissionDenied;
      return { id, answer: statusPacket(id, code, this.rules.explain(error)) };
    }
  }

  /** Who opened a file to write it, on record, may also cut it: one event less for each file that OpenSSH uploads. */
  #isWrite(change: Change): boolean {
    if (!('onlySize' in change) || !change.onlySize) return false;
    const direction = this.files.get(change.handle)?.direction;
    return direction === 'upload' || direction === 'both';
  }

  /** Handles become the paths that they were opened by. @returns undefined for a handle of no open file */
  #withPaths(change: Change): FileChange | undefined {
    if ('path' in change) return change;
    const path = this.files.get(change.handle)?.path;
    if (change.operation === 'set-attributes')
      return path && { operation: 'set-attributes', path, detail: change.detail };
    const toPath = this.files.get(change.toHandle)?.path;
    return path && toPath && { operation: 'copy-data', path, toPath, detail: change.detail };
  }
}

function answer(id: number, code: number, message: string): Judgement {
  return { expected: { kind: 'nothing' }, verdict: () => ({ id, answer: statusPacket(id, code, message) }) };
}
