/** What a log line may carry: names, codes and counts, never a credential. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** One line of JSON on stderr; stdout is kept for the line that says where the emulator listens. */
export function log(event: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`);
}
