/** Suggestions for mistyped words. */

/**
 * The candidate nearest in edit distance, if one is within a third of the word's length (at least 2); else the first that begins
 * with the word; else null.
 */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? candidates.find((candidate) => word.length >= PREFIX_LENGTH_MIN && candidate.startsWith(word)) ?? null;
}

/** Shortest beginning that says something. */
const PREFIX_LENGTH_MIN = 3;

/** Longest word worth comparing: input is arbitrary text. */
const WORD_LENGTH_MAX = 80;

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > WORD_LENGTH_MAX) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length];
}
