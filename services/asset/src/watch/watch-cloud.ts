import type { Logger } from '@sallyport/telemetry';
import { gauge } from '@sallyport/telemetry';
import type { RegionFailed } from './region-failed.js';
import type { HostCounts, WatchInstances } from './watch-instances.js';
import type { SecretCounts, WatchSecrets } from './watch-secrets.js';

/** Looks at the cloud at a fixed rhythm, one look at a time, and shows what it found as metrics. */
export class WatchCloud {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #secrets: SecretCounts | undefined;
  #hosts: HostCounts | undefined;

  constructor(
    private readonly watchSecrets: WatchSecrets,
    private readonly watchInstances: WatchInstances,
    private readonly everyMs: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    for (const state of ['rotation-failed', 'deletion-planned', 'gone'] as const) {
      const name = `sallyport.accounts.${state.replace('-', '_')}`;
      gauge(name, `Accounts whose secret in KMS is: ${state}`, '1', () => this.#secrets?.[state] ?? 0);
    }
    gauge(
      'sallyport.hosts.missing',
      'Hosts whose instance the cloud no longer has',
      '1',
      () => this.#hosts?.missing ?? 0,
    );
    this.#timer = setInterval(() => {
      this.#running ??= this.#look().finally(() => (this.#running = undefined));
    }, this.everyMs).unref();
  }

  /** Waits for a look that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #look(): Promise<void> {
    this.#secrets = (await this.#attempt('secrets', (failed) => this.watchSecrets.run(failed))) ?? this.#secrets;
    this.#hosts = (await this.#attempt('instances', (failed) => this.watchInstances.run(failed))) ?? this.#hosts;
  }

  /** What failed is tried again at the next look. */
  async #attempt<T>(what: string, work: (failed: RegionFailed) => Promise<T>): Promise<T | undefined> {
    try {
      return await work((regionId, { code }) => {
        this.log.warn({ what, regionId, code }, 'a region could not be looked at');
      });
    } catch (error) {
      this.log.error({ what, err: error }, 'looking at the cloud failed');
      return undefined;
    }
  }
}
