/**
 * `*` stands for any run of characters, and `?` for one when it is told to. After a mismatch only the last star takes one more
 * character, so no pattern makes it slow.
 */
export function matchesWildcard(text: string, pattern: string, questionMark = false): boolean {
  let at = 0;
  let place = 0;
  let star: { readonly next: number; from: number } | undefined;
  while (at < text.length) {
    const wanted = pattern[place];
    if (wanted === '*') {
      place += 1;
      star = { next: place, from: at };
    } else if (wanted === text[at] || (questionMark && wanted === '?')) {
      place += 1;
      at += 1;
    } else if (star) {
      star.from += 1;
      at = star.from;
      place = star.next;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(place));
}
