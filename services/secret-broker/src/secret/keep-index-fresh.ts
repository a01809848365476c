import { DomainError } from '@sallyport/errors';
import type { Logger } from '@sallyport/telemetry';
import type { SecretIndex } from './secret-index.js';

/** Refreshes the index at a fixed rhythm, for the regions in use; one refresh at a time. */
export class KeepIndexFresh {
  readonly #timer: NodeJS.Timeout;
  #running = false;

  constructor(
    private readonly index: SecretIndex,
    everyMs: number,
    private readonly log: Logger,
  ) {
    this.#timer = setInterval(() => void this.#refresh(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #refresh(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await this.index.refreshAll();
    } catch (error) {
      // What is known stays; who asks is told when it gets old.
      this.log.warn({ code: error instanceof DomainError ? error.code : 'internal' }, 'secrets could not be looked at');
    } finally {
      this.#running = false;
    }
  }
}
