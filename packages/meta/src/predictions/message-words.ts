/** Small pieces of messages. */

/** Longest list worth reading. */
const LISTED_MAX = 12;

/** `a, b, c and 5 more`; `none` for nothing. */
export function listed(words: readonly string[], max = LISTED_MAX): string {
  if (words.length === 0) return 'none';
  const shown = words.slice(0, max).join(', ');
  return words.length > max ? `${shown} and ${words.length - max} more` : shown;
}

/** `1 row`, `12,345 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** `12,345` */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
