/** Shorter ones would be found by chance. */
const leastBytes = 12;

/**
 * The forms in which a secret may turn up somewhere: as it is, and as programs write what they were given. All are text of
 * which each byte is one character (latin1), to be looked for in bytes.
 */
function formsOf(secret: Buffer): Map<string, string> {
  const text = secret.toString();
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  const hex = secret.toString('hex');
  const forms: [string, string | Buffer][] = [
    ['plain', secret],
    ['JSON', json],
    ['JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['percent-encoded', url],
    ['percent-encoded twice', encodeURIComponent(url)],
    ['form-encoded', form],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['hex with spaces, as Node shows a Buffer', hex.replace(/..(?=.)/g, '$& ')],
    ['numbers, as JSON has a Buffer', [...secret].join(',')],
    ...[0, 1, 2].flatMap((shift): [string, string][] => [
      [`base64 (${shift})`, base64Within(secret, shift)],
      [`base64url (${shift})`, base64Within(secret, shift).replaceAll('+', '-').replaceAll('/', '_')],
    ]),
  ];
  return new Map(forms.map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]));
}

/** The base64 characters that stand for the secret alone where it begins `shift` bytes (modulo 3) into what was encoded. */
function base64Within(secret: Buffer, shift: number): string {
  const whole = Math.floor((shift + secret.length) / 3) * 4;
  return Buffer.concat([Buffer.alloc(shift), secret])
    .toString('base64')
    .slice(shift === 0 ? 0 : 4, whole);
}

/** Secrets that must be nowhere. */
export class SecretFinder {
  /** What is looked for, with words for it that give nothing away. */
  readonly #needles = new Map<string, string>();

  add(what: string, secret: string | Buffer): void {
    const bytes = Buffer.from(secret);
    if (bytes.length < leastBytes) throw new Error(`${what} is too short to look for`);
    for (const [form, needle] of formsOf(bytes))
      if (!this.#needles.has(needle)) this.#needles.set(needle, `${what}, ${form}`);
  }

  /** What is found there; an empty list is what one hopes for. */
  findIn(haystack: Buffer): string[] {
    return [...this.#needles].filter(([needle]) => haystack.includes(needle, 0, 'latin1')).map(([, what]) => what);
  }
}
