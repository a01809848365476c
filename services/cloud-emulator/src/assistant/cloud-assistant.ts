import type { Instance } from '../instances/instance.js';

/** The change of one account's credential that a rotation asks of an instance. */
export type CredentialChange =
  | { readonly subType: 'Password'; readonly userName: string; readonly password: string }
  | {
      readonly subType: 'SSHKey';
      readonly userName: string;
      /** OpenSSH form. */
      readonly publicKey: string;
      /** The managed key so far; the line to replace. */
      readonly previousPublicKey?: string;
      /** What becomes of the other lines of `authorized_keys`; they stay unless told. */
      readonly otherKeys?: 'removed';
    };

/** Port: what stands in for Cloud Assistant, which in the cloud runs a command of KMS on the instance. */
export abstract class CloudAssistant {
  /**
   * Makes the instance take the new credential. Repeating a change does no harm.
   * @throws Error when the instance did not, or may not, take it; the message holds no credential
   */
  abstract change(instance: Instance, change: CredentialChange): Promise<void>;
}

/** Sends a change to the stand-in that an instance has. */
export class AssistantByInstance extends CloudAssistant {
  constructor(
    private readonly simulated: CloudAssistant,
    private readonly command: CloudAssistant,
  ) {
    super();
  }

  override async change(instance: Instance, change: CredentialChange): Promise<void> {
    if (instance.status !== 'Running') throw new Error('the instance is not running');
    if (instance.assistant) return this.command.change(instance, change);
    if (instance.simulation) return this.simulated.change(instance, change);
    throw new Error('the instance has no assistant');
  }
}
