import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, waitFor } from '@sallyport/testing';
import { local } from './sallyport.js';

/** A file of what the log's witness has kept so far. The witness itself soon knows more than an export that is made now. */
export async function keptByWitness(): Promise<string> {
  const kept = await waitFor(
    () => {
      const text = readFileSync(local.audit.witnessFile, 'utf8');
      return text.endsWith('\n') && text;
    },
    { what: 'the witness to keep a checkpoint' },
  );
  const path = join(tempDir(), 'witness');
  writeFileSync(path, kept);
  return path;
}
