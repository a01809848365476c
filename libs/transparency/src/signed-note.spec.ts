import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { leafHash } from './merkle-tree.js';
import { NoteSigner, NoteVerifier } from './signed-note.js';

const pem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('signed notes (C2SP signed-note)', () => {
  it('open as those of the first implementation do, with its example key', () => {
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
    const verifier = new NoteVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(verifier.open(note)).toBe(text);
    expect(() => verifier.open(note.replace('answer', 'Answer'))).toThrow('does not hold');
  });

  it('refuse a key that is not what its name and id say', () => {
    for (const key of [
      'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      'PeterNeumenn+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      'PeterNeumann+c74f20a3+AhpcAQc=',
      'x',
    ])
      expect(() => new NoteVerifier(key)).toThrow(/key/);
    expect(() => new NoteSigner('a b', pem())).toThrow('name');
  });
});

describe('checkpoints (C2SP tlog-checkpoint)', () => {
  const signer = new NoteSigner('example.com/log', pem());
  const verifier = new NoteVerifier(signer.verifierKey);
  const head = { size: 7, root: leafHash(Buffer.from('x')) };

  it('say origin, size and root, and who signed them', () => {
    const note = signCheckpoint(signer, head);
    expect(note.split('\n').slice(0, 4)).toEqual(['example.com/log', '7', head.root.toString('base64'), '']);
    expect(openCheckpoint(verifier, note)).toEqual(head);
  });

  it('of another key, another log, or with a byte changed are none', () => {
    const note = signCheckpoint(signer, head);
    const other = new NoteSigner('example.com/log', pem());
    const bad = [
      signCheckpoint(other, head),
      signCheckpoint(new NoteSigner('example.com/other', pem()), head),
      signer.sign(`example.com/other\n7\n${head.root.toString('base64')}\n`),
      signer.sign(`example.com/log\n07\n${head.root.toString('base64')}\n`),
      signer.sign('example.com/log\n7\nAAAA\n'),
      note.slice(0, -1),
      `${note}\n`,
    ];
    for (let at = 0; at < note.length; at += 1)
      bad.push(`${note.slice(0, at)}${note[at] === 'A' ? 'B' : 'A'}${note.slice(at + 1)}`);
    for (const each of bad) expect(() => openCheckpoint(verifier, each), each).toThrow();
  });
});
