/** Codes whose message tells an administrator what to change. All others, `SignatureDoesNotMatch` above all, may hold what was sent. */
const telling = new Set(['InvalidParameter', 'MissingParameter', 'UnsupportedOperation', 'Rejected.LimitExceeded']);
const DETAIL_LIMIT = 200;
/** The longest piece of a secret that may show by chance, in characters. */
const CHANCE = 5;

/**
 * KMS's message when it may be shown to an administrator: printable, short, and without any piece of the value that was sent,
 * in clear or percent-encoded once or twice. Otherwise undefined.
 */
export function safeDetail(kmsCode: string, message: string, secretData: string | undefined): string | undefined {
  if (!telling.has(kmsCode) || !/^[\x20-\x7e]+$/.test(message)) return undefined;
  const once = decoded(message);
  const forms = [message, once, decoded(once)];
  const showsSecret = secretsIn(secretData ?? '').some((secret) => forms.some((form) => sharesPiece(form, secret)));
  return showsSecret ? undefined : message.slice(0, DETAIL_LIMIT);
}

/** The members that are secret; the whole text when it is not what it should be. */
function secretsIn(secretData: string): string[] {
  try {
    const { Password, PrivateKey } = JSON.parse(secretData) as { Password?: unknown; PrivateKey?: unknown };
    const members = [Password, PrivateKey].filter((member) => typeof member === 'string');
    return members.flatMap((member) => [member, JSON.stringify(member).slice(1, -1)]);
  } catch {
    return [secretData];
  }
}

function sharesPiece(text: string, secret: string): boolean {
  const length = Math.min(CHANCE + 1, secret.length);
  if (length === 0) return false;
  for (let at = 0; at + length <= text.length; at++) {
    if (secret.includes(text.slice(at, at + length))) return true;
  }
  return false;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
