import type { SealingKey } from '@sallyport/sealing';
import type { Channel } from './channel.js';
import type { PermittedAddresses } from './permitted-address.js';
import { DeliveryError } from './retry-rule.js';
import { Syslog } from './syslog.js';
import type { NewReceiver } from './subscription.js';
import { Webhook } from './webhook.js';

const minKeyBytes = 24;

/** Makes the way to a receiver. The key of a webhook is unsealed here, and lives as long as the channel. */
export class OpenChannel {
  /**
   * @param sealingKey X25519, PEM
   * @param host the sender in syslog messages
   * @param authority PEM that syslog servers' certificates may be signed by
   */
  constructor(
    private readonly sealingKey: Promise<SealingKey>,
    private readonly addresses: PermittedAddresses,
    private readonly host: string,
    private readonly authority: string | undefined,
  ) {}

  /** Connects to nobody yet. @throws DeliveryError events may not be sent there */
  async run({ url, name, secret }: Pick<NewReceiver, 'url' | 'name' | 'secret'>): Promise<Channel> {
    if (url.startsWith('syslog')) return new Syslog(url, this.host, this.addresses, this.authority);
    if (!secret) throw new DeliveryError('a webhook needs a key');
    const text = await (await this.sealingKey).open(secret, name).catch(() => {
      throw new DeliveryError('its key does not open: make the receiver anew');
    });
    const key = Buffer.from(text.toString().replace(/^whsec_/, ''), 'base64');
    if (key.length < minKeyBytes) throw new DeliveryError(`its key has less than ${minKeyBytes} bytes`);
    return new Webhook(url, key, this.addresses);
  }
}
