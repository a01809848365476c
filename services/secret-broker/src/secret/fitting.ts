/** A message of NATS has 1 MiB at most, so a page of long descriptions ends before its limit. In bytes of JSON. */
const PAGE_BYTES = 768_000;

/** As many of them, from the first, as fit into one message. */
export function fitting<T>(items: readonly T[]): T[] {
  let left = PAGE_BYTES;
  const end = items.findIndex((item) => (left -= Buffer.byteLength(JSON.stringify(item))) < 0);
  return items.slice(0, end === -1 ? items.length : end);
}
