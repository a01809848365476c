import { z } from 'zod';
import { Refusal, Situation } from './gateway/situation.js';
import { Matching } from './kms/matching.js';

const KeyFilterName = z.enum(['KeyState', 'KeySpec', 'KeyUsage', 'DKMSInstanceId']);

/**
 * What the public pages leave open or contradict each other about, and what tests need otherwise. Set at the start by
 * SALLYPORT_EMULATOR_RULES and at any time by `PUT /__emulator/rules`.
 */
export const Rules = z.strictObject({
  // Creating secrets

  /** Refuse an ECS secret whose value has not the members that its sub type needs. Off: any text is taken. */
  checkSecretData: z.boolean().default(true),
  /** Refuse an ECS secret of an instance that is not there. Off: it is taken, and its rotation fails. */
  checkInstanceId: z.boolean().default(false),
  /** Refuse CreateSecret without EncryptionKeyId. Off: the first symmetric key of the KMS instance is taken. */
  requireEncryptionKey: z.boolean().default(false),
  /** Characters. */
  maxDescriptionLength: z.int().min(0).default(8_192),
  /**
   * Take in a secret's policy what its samples have and its grammar has not: spaces in a `Sid`, and the principal `:root`.
   */
  policyAsInSamples: z.boolean().default(true),
  /** Shortest rotation interval; 1 hour on the console's page, 6 hours and 7 days on others. */
  minRotationSeconds: z.int().min(1).default(3_600),
  maxRotationSeconds: z
    .int()
    .min(1)
    .default(365 * 86_400),

  // What is told of a secret

  /** `CommandId` of ExtendedConfig; it may be empty. */
  commandId: z.string().max(128).default('cmd-ACS-KMS-RotateECSSecret-For-Linux.sh'),
  /** `CustomData` of ExtendedConfig: an object, or its JSON text. */
  customDataTold: z.enum(['object', 'text']).default('object'),
  /** What UpdateSecret takes for custom data: JSON text as its page has it, a parameter a key as the SDK sends it, or both. */
  customDataTaken: z.enum(['both', 'text', 'members']).default('both'),

  // Tags

  /** Whether keys and values of tags may have spaces, as one page has it. */
  spacesInTags: z.boolean().default(true),
  /** What the 128 of a tag's key or value are of; UntagResource has its keys in bytes. */
  tagLengthIn: z.enum(['characters', 'bytes']).default('characters'),
  /** Most tags of a TagResource, and keys of an UntagResource; 10 on an older page. */
  tagsPerCall: z.int().min(1).max(20).default(20),

  // Lists

  /** How the filters SecretName and Description of ListSecrets match. */
  listMatch: Matching.default('substring'),
  /** Whether a secret has to pass all filters of ListSecrets, or any. */
  listFilters: z.enum(['all', 'any']).default('all'),
  /** Most filters of a ListSecrets; one on an older page. */
  listFiltersPerCall: z.int().min(1).max(10).default(10),
  listOrder: z.enum(['newest', 'oldest', 'name']).default('newest'),
  /** Whether the lists of other things come the other way round; the pages name no order of any. */
  otherListsReversed: z.boolean().default(false),
  /** Whether ListSecrets has the secrets in their deletion window. */
  listInDeleteWindow: z.boolean().default(true),
  /** The filters that ListKeys takes; others are refused. */
  keyFilters: z.array(KeyFilterName).default([...KeyFilterName.options]),
  keyMatch: Matching.default('exact'),

  // Deleting

  /** Whether what is in its deletion window can be tagged. */
  tagsInDeleteWindow: z.boolean().default(true),
  /** Whether what is in its deletion window can be deleted at once. Off: it has to be restored first. */
  deleteAtOnceInWindow: z.boolean().default(false),
  /** Whether DeleteSecret tells a PlannedDeleteTime, which is now, of what it deleted at once. */
  timeOfForcedDeletion: z.boolean().default(false),
  /** What an expired KMS instance refuses: values, new secrets and keys, rotations; or every call about its secrets. */
  expiredRefuses: z.enum(['use', 'everything']).default('use'),

  // Rotation

  /** Whether ListSecretVersionIds shows the version that a rotation is making, as ACSPending. */
  pendingStage: z.boolean().default(false),
  /** Whether RotationInterval is told while AutomaticRotation is Invalid. */
  intervalWhenInvalid: z.boolean().default(false),
  /** What becomes of the other keys in `authorized_keys` when a key is rotated. */
  otherAuthorizedKeys: z.enum(['kept', 'removed']).default('kept'),
  /** What `rotationEntityArn` of an event names. */
  rotationEntity: z.enum(['instance', 'secret']).default('instance'),
  /** `rotationStatus` of the event of a success without a schedule. */
  unscheduledRotationStatus: z.enum(['Disabled', 'Enabled']).default('Disabled'),
  /** `errorCode` of the event of a failure. */
  rotationErrorCode: z.string().min(1).max(128).default('RotateSecretFailed'),

  // Limits

  /** Multiplies every rate limit, the one of rotations too; 0 = no limits. */
  quotaScale: z.number().min(0).default(1),
  /** Of an account. */
  rotationsPerHour: z.int().min(0).default(50),
  /** Calls a second of an account; the numbers of these two products are not published. */
  ecsCallsPerSecond: z.number().min(0).default(50),
  stsCallsPerSecond: z.number().min(0).default(100),
  /** What a KMS instance was bought with; over it: `Rejected.LimitExceeded`. */
  secretsPerInstance: z.int().min(0).default(1_000),
  keysPerInstance: z.int().min(0).default(1_000),

  // Permissions

  /**
   * Whether `acs:ram::<account>:*` in a secret's policy permits every RAM user of the secret's own account by itself. Off, it
   * leaves the decision to their RAM policies, as the default policy has to mean if RAM policies are to matter.
   */
  accountPrincipalPermits: z.boolean().default(false),
  /** Who may use the key of another account's secret: whom a RAM policy lets, everyone whom the secret lets in, or nobody. */
  keyOfOtherAccount: z.enum(['identity', 'open', 'closed']).default('identity'),
  /** A condition that is not known: closes (an Allow is worthless, a Deny holds), or counts as met or as not met. */
  unknownCondition: z.enum(['closed', 'met', 'unmet']).default('closed'),
  /** Whether `?` in a policy stands for one character. */
  questionMarkMatches: z.boolean().default(false),
  /** What a dry run of DescribeInstances is answered without permission: an empty list as without it, or a refusal. */
  ecsDryRunDenied: z.enum(['empty', 'refused']).default('empty'),
  /**
   * Whether the role in which KMS rotates is there already, or is made by the first ECS secret of an account, for which its
   * maker needs `ram:CreateServiceLinkedRole`.
   */
  serviceLinkedRole: z.enum(['there', 'made']).default('there'),
  /** Whether DescribeRegions needs no permission, as an older page on RAM has it. */
  openDescribeRegions: z.boolean().default(false),
  /** The RAM resource of GetRandomPassword: everything of KMS, as system policies permit it on `*` apart, or the container of secrets. */
  randomPasswordResource: z.enum(['everything', 'secrets']).default('everything'),

  // The gateway

  /** What a call is asked for first that has neither the permission nor the right parameters. */
  checkedFirst: z.enum(['permission', 'parameters']).default('permission'),
  /** Whether parameters are taken from a form body. Off: from the URL alone. */
  formParameters: z.boolean().default(true),
  /** XML where JSON is not asked for by `Format` or `Accept`, as the public API has it; or JSON always. */
  format: z.enum(['json', 'as-asked']).default('json'),
  /** Members of an error: those of KMS, those of the gateway in front of it, or both. */
  envelope: z.enum(['both', 'kms', 'gateway']).default('both'),
  /** Answer a wrong signature with the text that was to be signed, as the real gateway does; it may hold secret values. */
  echoStringToSign: z.boolean().default(false),
  /** Another code and status for a refusal. */
  refusals: z.partialRecord(Situation, Refusal).default({}),
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
