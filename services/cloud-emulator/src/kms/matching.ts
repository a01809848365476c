import { z } from 'zod';

/** How a text filter of a list matches. */
export const Matching = z.enum(['substring', 'prefix', 'exact']);
export type Matching = z.infer<typeof Matching>;

export function matches(text: string, wanted: string, matching: Matching): boolean {
  switch (matching) {
    case 'substring':
      return text.includes(wanted);
    case 'prefix':
      return text.startsWith(wanted);
    case 'exact':
      return text === wanted;
  }
}
