import { RegularExpression, regularExpression } from '../../../kube/regular-expression.ts';
import type { Shell } from './shell.ts';

type Spending = Pick<Shell, 'spend'>;

/** Whether a text is of a shell's pattern: `*`, `?` and `[…]` (POSIX.1-2024, "Pattern Matching Notation"). */
export function matches(text: string, pattern: string, shell: Spending): boolean {
  shell.spend(text.length * pattern.length);
  return matchesPattern(text, pattern);
}

/** How many characters a text loses that begins (`prefix`) or ends with a pattern, the fewest or the most of them. Undefined: it does not. */
export function matchingPart(
  text: string,
  pattern: string,
  { end, longest }: { end: 'prefix' | 'suffix'; longest: boolean },
  shell: Spending,
): number | undefined {
  shell.spend(text.length * text.length * pattern.length);
  const lengths = Array.from({ length: text.length + 1 }, (_, i) => (longest ? text.length - i : i));
  return lengths.find((length) => matchesPattern(end === 'prefix' ? text.slice(0, length) : text.slice(text.length - length), pattern));
}

/** Whether an expression is found in a text (POSIX.1-2024, "Extended Regular Expressions", as RE2 reads it). Undefined: it cannot be read. */
export function matchesExpression(text: string, expression: string, shell: Spending): boolean | undefined {
  shell.spend(expression.length ** 2);
  const read = regularExpression(expression);
  if (!(read instanceof RegularExpression)) return undefined;
  shell.spend(text.length * read.size);
  return read.test(text);
}

function matchesPattern(text: string, pattern: string): boolean {
  // The last star that was met is tried with one character more each time: quadratic at worst.
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    const set = pattern[p] === '[' ? /^\[([!^]?)([^\]]+)\]/.exec(pattern.slice(p, p + 64)) : undefined;
    if (pattern[p] === '*') [star, mark] = [p++, t];
    else if (set && inSet(text[t]!, set[2]!) !== (set[1] !== '')) [p, t] = [p + set[0].length, t + 1];
    else if (p < pattern.length && !set && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, t] = [star + 1, ++mark];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p >= pattern.length;
}

function inSet(char: string, set: string): boolean {
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (char >= set[i]! && char <= set[i + 2]!) return true;
      i += 2;
    } else if (set[i] === char) return true;
  }
  return false;
}
