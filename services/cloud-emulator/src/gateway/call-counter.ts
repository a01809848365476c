/** How often each operation was asked for, refused calls included, and the codes of the refusals. Since the start. */
export class CallCounter {
  readonly #calls = new Map<string, number>();
  readonly #errors = new Map<string, Map<string, number>>();

  count(action: string): void {
    this.#calls.set(action, (this.#calls.get(action) ?? 0) + 1);
  }

  countError(action: string, code: string): void {
    const codes = this.#errors.get(action) ?? new Map<string, number>();
    this.#errors.set(action, codes.set(code, (codes.get(code) ?? 0) + 1));
  }

  snapshot(): { calls: Record<string, number>; errors: Record<string, Record<string, number>> } {
    const errors = [...this.#errors].map(([action, codes]) => [action, Object.fromEntries(codes)] as const);
    return { calls: Object.fromEntries(this.#calls), errors: Object.fromEntries(errors) };
  }
}
