/** The two ends of a tap, each with what arrived there. */
export interface CollectedEnds {
  readonly client: { write(bytes: Buffer): Promise<boolean> };
  readonly target: { write(bytes: Buffer): Promise<boolean> };
  readonly atClient: () => Buffer;
  readonly atTarget: () => Buffer;
}

export function collectEnds(): CollectedEnds {
  const got: Record<'client' | 'target', Buffer[]> = { client: [], target: [] };
  const end = (name: 'client' | 'target') => ({
    write: (bytes: Buffer) => {
      got[name].push(Buffer.from(bytes));
      return Promise.resolve(true);
    },
  });
  return {
    client: end('client'),
    target: end('target'),
    atClient: () => Buffer.concat(got.client),
    atTarget: () => Buffer.concat(got.target),
  };
}

/** Cuts bytes at these places (taken modulo the length), as a network might. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
