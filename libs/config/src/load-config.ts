import { readFileSync } from 'node:fs';
import { Secret } from '@sallyport/secret';
import { z } from 'zod';

/** Names every setting that is wrong, and shows the value of none. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a process's settings, once, at its start. The keys of `schema` are the names of environment variables; each may
 * come as `NAME`, or as `NAME_FILE`, the path of a file whose content (less one trailing newline) is the value.
 * @throws ConfigError when a setting is missing or malformed, with all of them in the message
 */
export function loadConfig<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<z.ZodObject<S>> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = read(name, env, problems);
    if (value !== undefined && value !== '') values[name] = value;
  }
  const parsed = schema.safeParse(values, { reportInput: false });
  if (!parsed.success)
    for (const issue of parsed.error.issues) {
      const name = issue.path.join('.');
      problems.push(name in values ? `${name}: ${issue.message}` : `${name} is missing (or give ${name}_FILE)`);
    }
  if (!parsed.success || problems.length > 0)
    throw new ConfigError(`bad settings: ${[...new Set(problems)].join('; ')}`);
  return parsed.data;
}

function read(name: string, env: Readonly<Record<string, string | undefined>>, problems: string[]): string | undefined {
  const path = env[`${name}_FILE`];
  if (path === undefined || path === '') return env[name];
  if (env[name] !== undefined && env[name] !== '') problems.push(`${name} and ${name}_FILE are both given`);
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
    return undefined;
  }
}

/** Text that nobody but `expose()` sees. */
export const secretText = () =>
  z
    .string()
    .min(1)
    .transform((text) => Secret.of(text));

/** A TCP port; 0 lets the system choose. */
export const port = () => z.coerce.number().int().min(0).max(65_535);
/** A whole number of something; say the unit in the name of the setting. */
export const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const flag = () => z.enum(['true', 'false']).transform((text) => text === 'true');

/** What every service has. */
export const baseSettings = {
  NATS_URL: z.string().regex(/^(nats|tls):\/\//, 'must start with nats:// or tls://'),
  /** Seed of the service's own nkey (`SU…`). */
  NATS_SEED: secretText(),
  /** Ed25519 public key, PEM, of what asset signs: identities, grants, attestations. */
  ASSET_SIGNING_PUBLIC_KEY: z.string().includes('BEGIN PUBLIC KEY', { error: 'must be a PEM public key' }),
  /** HTTP port on loopback for /healthz, /readyz and /metrics. */
  SALLYPORT_HEALTH_PORT: port().default(0),
  /** OTLP over HTTP, such as http://127.0.0.1:4318; without it no traces leave the process. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
};
