import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that shows itself to nobody but `expose()`: not in text, JSON, console or log output. JavaScript strings cannot
 * be wiped; keep what can be wiped in a Buffer, and call `wipe`.
 */
export class Secret<T> {
  readonly #value: T;

  private constructor(value: T) {
    this.#value = value;
  }

  static of<T>(value: T): Secret<T> {
    return new Secret(value);
  }

  /** The value. Call it where the value is used, never to pass it on. */
  expose(): T {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

/** Overwrites the bytes. Copies that were made elsewhere, by the runtime for instance, are not reached. */
export function wipe(...buffers: (Uint8Array | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}
