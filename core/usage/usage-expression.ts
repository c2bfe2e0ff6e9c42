import { compile, type Program } from '../cel/compile.ts';
import { jsonValue } from '../cel/json-value.ts';
import type { Container, Node, Pod } from '../schema/generated/kinds.ts';
import type { Moment } from './moment.ts';
import { SAMPLE } from './sampling.ts';
import { AmountValue, usageEnvironment } from './usage-environment.ts';

/** An expression of KWOK's that says how much a container uses. */
export class UsageExpression {
  /** Undefined, of one that cannot be compiled: nothing is used by it. */
  readonly #program: Program | undefined;
  /** It may come to something else though nothing was written. */
  readonly #isOfTime: boolean;
  readonly #clock = { time: 0, seed: '' };

  constructor(text: string) {
    const environment = usageEnvironment({ now: () => this.#clock.time, chance: () => chanceOf(`${this.#clock.seed} ${this.#clock.time}`) });
    const compiled = compile(text, environment);
    this.#program = 'program' in compiled && typeof compiled.program === 'object' ? compiled.program : undefined;
    this.#isOfTime = /\b(Now|SinceSecond|Rand)\s*\(/.test(text);
  }

  /** In the unit of the resource; undefined when the evaluation fails, or has no quantity as its result. */
  evaluate({ pod, container, node }: Used, { now, changesAt }: Moment): number | undefined {
    if (!this.#program) return undefined;
    const sample = Math.floor(now / SAMPLE) * SAMPLE;
    if (this.#isOfTime) changesAt((sample + SAMPLE) as typeof now);
    this.#clock.time = sample;
    this.#clock.seed = `${pod.metadata.uid} ${container.name}`;
    const evaluation = this.#program.evaluate({ pod: jsonValue(pod), container: jsonValue(container), node: jsonValue(node ?? null) });
    return 'value' in evaluation && evaluation.value instanceof AmountValue ? Math.max(0, evaluation.value.amount) : undefined;
  }
}

/** Whose usage it is, and on which node. */
export interface Used {
  readonly pod: Pod;
  readonly container: Container;
  readonly node: Node | undefined;
}

/** A number from 0 to 1 that is the same for the same text (FNV-1a): a measurement is repeated, and comes to the same. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
