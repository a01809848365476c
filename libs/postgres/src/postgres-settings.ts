import { secretText } from '@sallyport/config';

/** Settings of a service that owns a database; spread into its schema. */
export const postgresSettings = {
  /** `postgres://user:password@host:port/database`; add `?sslmode=verify-full` outside of loopback. */
  POSTGRES_URL: secretText(),
};
