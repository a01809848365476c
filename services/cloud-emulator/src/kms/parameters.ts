import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';

/** A name or an ARN, to look up. New names are checked by `NewSecretName`. */
export const SecretName = z.string().max(512);

/** Up to 192 characters of `A-Z a-z 0-9 _ / + = . @ -` (reference 2.1). */
export const NewSecretName = z
  .string()
  .max(192, 'a secret name has at most 192 characters')
  .regex(/^[A-Za-z0-9_/+=.@-]+$/, 'a secret name is made of letters, digits and _ / + = . - @');

export const VersionId = z.string().max(64, 'a version id has at most 64 characters');

/** `true` or `false` as text. */
export const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** A whole number as text, in a range. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'it has to be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

export const PageNumber = wholeNumber(1, 999_999_999).default(1);

/** JSON text of a shape. */
export function jsonText<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>, string> {
  const parsed = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'it has to be JSON' });
      return z.NEVER;
    }
  });
  return parsed.pipe(schema);
}

/** `7d`, `3600s`, `90m`, `24h` or a bare number of seconds, as seconds. The range is `checkInterval`'s. */
export const RotationInterval = z
  .string()
  .regex(/^\d{1,9}[dhms]?$/, 'it has to be integer[unit] with the unit d, h, m or s')
  .transform((text) => {
    const secondsOf = { d: 86_400, h: 3_600, m: 60, s: 1 };
    const unit = (/[dhms]$/.exec(text)?.[0] ?? 's') as keyof typeof secondsOf;
    return parseInt(text, 10) * secondsOf[unit];
  });

/** @throws ApiError `InvalidParameter` */
export function checkInterval(
  seconds: number,
  limits: { minRotationSeconds: number; maxRotationSeconds: number },
): void {
  if (seconds < limits.minRotationSeconds || seconds > limits.maxRotationSeconds) {
    throw new ApiError(
      'InvalidParameter',
      `The specified parameter RotationInterval is not valid: it has to be from ${limits.minRotationSeconds}s to ` +
        `${limits.maxRotationSeconds}s.`,
    );
  }
}

/** @throws ApiError `InvalidParameter` */
export function refuseLongDescription(
  description: string,
  { maxDescriptionLength: most }: { maxDescriptionLength: number },
): void {
  if (description.length > most) {
    throw new ApiError(
      'InvalidParameter',
      `The specified parameter Description is not valid: it has at most ${most} characters.`,
    );
  }
}

/** A list in the order that the rules want. */
export function inOrder<Item>(
  items: readonly Item[],
  { otherListsReversed }: { otherListsReversed: boolean },
): readonly Item[] {
  return otherListsReversed ? items.toReversed() : items;
}

/** The part of a list that a page shows. */
export function page<Item>(items: readonly Item[], pageNumber: number, pageSize: number): Item[] {
  return items.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
}
