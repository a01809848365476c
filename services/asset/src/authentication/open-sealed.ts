import type { Sealed } from '@sallyport/contracts';
import type { SealingKey } from '@sallyport/sealing';
import { UnsealError } from '@sallyport/sealing';

/**
 * What somebody sealed for us; the caller wipes it.
 * @param associatedData what it must have been sealed with
 * @returns undefined when it does not open
 */
export async function openSealed(key: SealingKey, sealed: Sealed, associatedData: string): Promise<Buffer | undefined> {
  try {
    return await key.open(sealed, associatedData);
  } catch (error) {
    if (error instanceof UnsealError) return undefined;
    throw error;
  }
}
