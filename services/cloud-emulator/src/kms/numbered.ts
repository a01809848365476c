import { ApiError } from '../gateway/api-error.js';

/** Values of `Name.1`, `Name.2` … up to the first that is absent. */
export function numbered(all: ReadonlyMap<string, string>, name: (number: number) => string): string[] {
  const values: string[] = [];
  for (let value = all.get(name(1)); value !== undefined; value = all.get(name(values.length + 1))) values.push(value);
  return values;
}

/**
 * The same, of which a call takes so many.
 * @throws ApiError `InvalidParameter` for more
 */
export function numberedUpTo(
  most: number,
  all: ReadonlyMap<string, string>,
  name: (number: number) => string,
): string[] {
  const values = numbered(all, name);
  if (values.length > most) {
    throw new ApiError('InvalidParameter', `The specified parameter ${name(most + 1)} is not valid: at most ${most}.`);
  }
  return values;
}
