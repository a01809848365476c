import { QueryFailedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/**
 * The name of the unique or foreign key constraint that a statement ran against; undefined for every other error. It is
 * the way to learn of a conflict without a race. Inside of a transaction nothing can follow but its end.
 */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, constraint } = error.driverError as { code?: unknown; constraint?: unknown };
  if (code !== UNIQUE_VIOLATION && code !== FOREIGN_KEY_VIOLATION) return undefined;
  return typeof constraint === 'string' ? constraint : undefined;
}
