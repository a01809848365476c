import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Channel, type Outgoing } from './channel.js';
import { isLoopback, type PermittedAddresses } from './permitted-address.js';
import { DeliveryError } from './retry-rule.js';

const timeoutMs = 15_000;
/** The receiver says that it is this event that is wrong (RFC 9110 section 15.5). */
const refusals = new Set([400, 413, 415, 422]);

/**
 * Sends each event as a POST: CloudEvents HTTP binding, structured mode, signed as Standard Webhooks says. `webhook-id` is
 * the id of the event: the same one may come twice. Redirects are not followed.
 */
export class Webhook extends Channel {
  private readonly url: URL;

  /**
   * @param key the bytes behind `whsec_`
   * @throws DeliveryError events may not be sent there
   */
  constructor(
    url: string,
    private readonly key: Buffer,
    private readonly addresses: PermittedAddresses,
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.url = new URL(url);
    if (this.url.protocol === 'http:' && !isLoopback(this.url.hostname))
      throw new DeliveryError('http: is for loopback only; use https:');
    addresses.judgeHost(this.url.hostname);
  }

  override send(event: Outgoing): Promise<void> {
    const timestamp = String(Math.floor(this.now() / 1_000));
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': Buffer.byteLength(event.json),
      'user-agent': 'sallyport-audit',
      'webhook-id': event.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${createHmac('sha256', this.key).update(`${event.id}.${timestamp}.${event.json}`).digest('base64')}`,
    };
    const request = this.url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const sent = request(
        this.url,
        {
          method: 'POST',
          headers,
          lookup: this.addresses.lookup,
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          response.destroy();
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else reject(new DeliveryError(`answered ${status}`, refusals.has(status)));
        },
      );
      sent.on('error', (error) => {
        reject(error instanceof DeliveryError ? error : new DeliveryError(`cannot be reached (${codeOf(error)})`));
      });
      sent.end(event.json);
    });
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : 'unknown';
