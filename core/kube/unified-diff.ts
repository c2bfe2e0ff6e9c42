import type { GoValue } from './go-value.ts';

/**
 * What differs between two values, as util/diff of apimachinery says it in the errors of fields that may not change: a unified diff of their indented JSON, with
 * three lines around each difference, by the algorithm of Python's difflib, which Kubernetes has from pmezard/go-difflib.
 */
export function goDiff(before: GoValue, after: GoValue): string {
  return unifiedDiff(linesOf(before), linesOf(after));
}

/** How much of a value is compared. A pod has a few hundred lines; the time that a difference takes grows with the square of their number. */
const LINES = 5000;

/** difflib.SplitLines counts a last line that is empty. */
function linesOf(value: GoValue): string[] {
  return value.lines(LINES);
}

const CONTEXT = 3;

/** Two lists of lines, each with its end. */
export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  let text = '';
  for (const group of grouped(opcodes(a, b))) {
    const [first, last] = [group[0]!, group.at(-1)!];
    text += `@@ -${range(first.i1, last.i2)} +${range(first.j1, last.j2)} @@\n`;
    for (const { equal, i1, i2, j1, j2 } of group) {
      if (equal) for (const line of a.slice(i1, i2)) text += ` ${line}`;
      else {
        for (const line of a.slice(i1, i2)) text += `-${line}`;
        for (const line of b.slice(j1, j2)) text += `+${line}`;
      }
    }
  }
  return text;
}

/** Lines count from 1; an empty range stands after the line before it. */
const range = (start: number, stop: number): string => (stop - start === 1 ? `${start + 1}` : `${stop === start ? start : start + 1},${stop - start}`);

/** `a[i1:i2]` becomes `b[j1:j2]`. */
interface Opcode {
  equal: boolean;
  i1: number;
  i2: number;
  j1: number;
  j2: number;
}

/** The differences that are close to each other together, with the lines around them (get_grouped_opcodes). */
function grouped(codes: readonly Opcode[]): Opcode[][] {
  const groups: Opcode[][] = [];
  let group: Opcode[] = [];
  codes.forEach((code, at) => {
    const { equal, i2, j2 } = code;
    let { i1, j1 } = code;
    if (equal && at === 0) [i1, j1] = [Math.max(i1, i2 - CONTEXT), Math.max(j1, j2 - CONTEXT)];
    const end = equal && at === codes.length - 1 ? { i2: Math.min(i2, i1 + CONTEXT), j2: Math.min(j2, j1 + CONTEXT) } : { i2, j2 };
    if (equal && end.i2 - i1 > 2 * CONTEXT) {
      group.push({ equal, i1, i2: Math.min(i2, i1 + CONTEXT), j1, j2: Math.min(j2, j1 + CONTEXT) });
      groups.push(group);
      group = [];
      [i1, j1] = [Math.max(i1, i2 - CONTEXT), Math.max(j1, j2 - CONTEXT)];
    }
    group.push({ equal, i1, j1, ...end });
  });
  if (group.length > 1 || group.some(({ equal }) => !equal)) groups.push(group);
  return groups;
}

function opcodes(a: readonly string[], b: readonly string[]): Opcode[] {
  const codes: Opcode[] = [];
  let [i, j] = [0, 0];
  for (const { a: ai, b: bj, size } of [...matchingBlocks(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (i < ai || j < bj) codes.push({ equal: false, i1: i, i2: ai, j1: j, j2: bj });
    [i, j] = [ai + size, bj + size];
    if (size) codes.push({ equal: true, i1: ai, i2: i, j1: bj, j2: j });
  }
  return codes;
}

interface Block {
  a: number;
  b: number;
  size: number;
}

/** What of the two is the same, in their order (get_matching_blocks): the longest block, then what is before and after it likewise. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = placesIn(b);
  const blocks: Block[] = [];
  const parts = [{ from: { a: 0, b: 0 }, to: { a: a.length, b: b.length } }];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { from, to } = part;
    const found = longestMatch({ a, b, places, from, to });
    if (!found.size) continue;
    blocks.push(found);
    const end = { a: found.a + found.size, b: found.b + found.size };
    if (from.a < found.a && from.b < found.b) parts.push({ from, to: found });
    if (end.a < to.a && end.b < to.b) parts.push({ from: end, to });
  }
  return joined(blocks.sort((x, y) => x.a - y.a));
}

/** Blocks that follow upon each other in both are one. */
function joined(blocks: readonly Block[]): Block[] {
  const out: Block[] = [];
  for (const { a, b, size } of blocks) {
    const last = out.at(-1);
    if (last && last.a + last.size === a && last.b + last.size === b) last.size += size;
    else out.push({ a, b, size });
  }
  return out;
}

/** Where each line stands, but of lines that are everywhere in a long text: no match begins with them (difflib's autojunk). */
function placesIn(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  b.forEach((line, j) => {
    const known = places.get(line);
    if (known) known.push(j);
    else places.set(line, [j]);
  });
  const popular = Math.floor(b.length / 100) + 1;
  if (b.length >= 200) for (const [line, at] of places) if (at.length > popular) places.delete(line);
  return places;
}

interface Search {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly from: { readonly a: number; readonly b: number };
  readonly to: { readonly a: number; readonly b: number };
}

/** The longest block that is in both parts, the first of several (find_longest_match). */
function longestMatch({ a, b, places, from, to }: Search): Block {
  const best = { a: from.a, b: from.b, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = from.a; i < to.a; i++) {
    const now = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < from.b) continue;
      if (j >= to.b) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      now.set(j, size);
      if (size > best.size) Object.assign(best, { a: i - size + 1, b: j - size + 1, size });
    }
    lengths = now;
  }
  while (best.a > from.a && best.b > from.b && a[best.a - 1] === b[best.b - 1]) Object.assign(best, { a: best.a - 1, b: best.b - 1, size: best.size + 1 });
  while (best.a + best.size < to.a && best.b + best.size < to.b && a[best.a + best.size] === b[best.b + best.size]) best.size++;
  return best;
}
