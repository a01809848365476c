/** Values of `Name.1`, `Name.2` … up to the first that is absent. */
export function numbered(all: ReadonlyMap<string, string>, name: (number: number) => string, most: number): string[] {
  const values: string[] = [];
  for (let number = 1; number <= most; number += 1) {
    const value = all.get(name(number));
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}
