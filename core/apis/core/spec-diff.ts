import { type Fields, isFields } from '../../kube/fields.ts';
import { same } from '../../kube/object.ts';

/**
 * What differs between two specs, as text for a person: what is the same is counted, what is gone has a `-` before it, what is new a `+`.
 * (Kubernetes prints go-cmp's report of the same shape, which promises no stable form.)
 */
export function specDiff(before: object, after: object): string {
  return `  {\n${fields(before as Fields, after as Fields, 1)}  }\n`;
}

function fields(before: Fields, after: Fields, depth: number): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== undefined || after[name] !== undefined).sort();
  const out = new Lines(depth, 'fields');
  for (const name of names) {
    if (same(before[name] ?? null, after[name] ?? null)) out.skip();
    else out.change(`"${name}": `, before[name], after[name]);
  }
  return out.text();
}

function elements(before: unknown[], after: unknown[], depth: number): string {
  const out = new Lines(depth, 'elements');
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    if (i < before.length && i < after.length && same(before[i], after[i])) out.skip();
    else out.change('', before[i], after[i]);
  }
  return out.text();
}

class Lines {
  private out = '';
  private skipped = 0;
  private readonly depth: number;
  private readonly unit: string;
  constructor(depth: number, unit: string) {
    this.depth = depth;
    this.unit = unit;
  }

  skip(): void {
    this.skipped++;
  }

  change(name: string, before: unknown, after: unknown): void {
    this.flush();
    if (Array.isArray(before) && Array.isArray(after)) this.add(' ', `${name}[\n${elements(before, after, this.depth + 1)}  ${'\t'.repeat(this.depth)}]`);
    else if (isFields(before) && isFields(after)) this.add(' ', `${name}{\n${fields(before, after, this.depth + 1)}  ${'\t'.repeat(this.depth)}}`);
    else {
      if (before !== undefined) this.add('-', `${name}${JSON.stringify(before)}`);
      if (after !== undefined) this.add('+', `${name}${JSON.stringify(after)}`);
    }
  }

  text(): string {
    this.flush();
    return this.out;
  }

  private add(sign: string, text: string): void {
    this.out += `${sign} ${'\t'.repeat(this.depth)}${text},\n`;
  }

  private flush(): void {
    if (this.skipped) this.out += `  ${'\t'.repeat(this.depth)}... // ${this.skipped} identical ${this.unit}\n`;
    this.skipped = 0;
  }
}
