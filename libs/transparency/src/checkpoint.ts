import { hashBytes, type Hash } from './merkle-tree.js';
import { NoteError, type NoteSigner, type NoteVerifier } from './signed-note.js';

/** The head of a log: so many leaves, and what they come to. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** C2SP tlog-checkpoint: origin, size and root as three lines, signed as a note. The origin is the name of the key. */
export function signCheckpoint(signer: NoteSigner, { size, root }: TreeHead): string {
  return signer.sign(`${signer.name}\n${size}\n${root.toString('base64')}\n`);
}

/**
 * What a checkpoint says, once its signature holds.
 * @throws NoteError it is none, is of another log, or is not signed by this key
 */
export function openCheckpoint(verifier: NoteVerifier, note: string): TreeHead {
  const [origin, size = '', root = ''] = verifier.open(note).split('\n');
  if (origin !== verifier.name) throw new NoteError('the checkpoint is of another log');
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw new NoteError('no size');
  const bytes = Buffer.from(root, 'base64');
  if (bytes.length !== hashBytes || bytes.toString('base64') !== root) throw new NoteError('no root');
  return { size: Number(size), root: bytes };
}
