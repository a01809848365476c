/** The operations of KMS, version 2016-01-20, that the broker calls. Nothing else ever is. */
export type KmsAction =
  | 'GetSecretValue'
  | 'DescribeSecret'
  | 'ListSecrets'
  | 'ListSecretVersionIds'
  | 'CreateSecret'
  | 'DeleteSecret'
  | 'RestoreSecret'
  | 'RotateSecret'
  | 'UpdateSecretRotationPolicy'
  | 'UpdateSecret'
  | 'TagResource'
  | 'UntagResource'
  | 'GetSecretPolicy'
  | 'SetSecretPolicy'
  | 'GetRandomPassword'
  | 'DescribeKey'
  | 'ListKeys'
  | 'ListKmsInstances'
  | 'DescribeRegions';

export interface KmsCall {
  readonly regionId: string;
  readonly action: KmsAction;
  /** As KMS names them. May hold a secret's value. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Port: one signed call to KMS, once. */
export abstract class KmsGateway {
  /**
   * The parsed answer.
   * @throws KmsError KMS refused, failed, or did not answer within `timeoutMs`
   */
  abstract call(call: KmsCall): Promise<unknown>;
}
