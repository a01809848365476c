import { z } from 'zod';

/**
 * What the public pages leave open or contradict each other about, and what tests need otherwise. Set at the start by
 * SALLYPORT_EMULATOR_RULES and at any time by `PUT /__emulator/rules`.
 */
export const Rules = z.strictObject({
  /** Refuse an ECS secret whose value has not the members that its sub type needs. Off: any text is taken. */
  checkSecretData: z.boolean().default(true),
  /** Refuse CreateSecret without EncryptionKeyId. Off: the first symmetric key of the KMS instance is taken. */
  requireEncryptionKey: z.boolean().default(false),
  /** How the filters SecretName and Description of ListSecrets match. */
  listMatch: z.enum(['substring', 'prefix', 'exact']).default('substring'),
  /** Shortest rotation interval; 1 hour on the console's page, 6 hours and 7 days on others. */
  minRotationSeconds: z.int().min(1).default(3_600),
  maxRotationSeconds: z
    .int()
    .min(1)
    .default(365 * 86_400),
  /** Multiplies every rate limit, the one of rotations too; 0 = no limits. */
  quotaScale: z.number().min(0).default(1),
  /** What a KMS instance was bought with; over it: `Rejected.LimitExceeded`. */
  secretsPerInstance: z.int().min(0).default(1_000),
  keysPerInstance: z.int().min(0).default(1_000),
  /**
   * Whether `acs:ram::<account>:*` in a secret's policy permits every RAM user of the secret's own account by itself. Off, it
   * leaves the decision to their RAM policies, as the default policy has to mean if RAM policies are to matter.
   */
  accountPrincipalPermits: z.boolean().default(false),
  /** Answer a wrong signature with the text that was to be signed, as the real gateway does; it may hold secret values. */
  echoStringToSign: z.boolean().default(false),
});
export type Rules = z.infer<typeof Rules>;

/** The rules that hold now. */
export class RuleBook {
  #current: Rules;

  constructor(initial: Rules) {
    this.#current = initial;
  }

  get current(): Rules {
    return this.#current;
  }

  set(rules: Rules): void {
    this.#current = rules;
  }
}
