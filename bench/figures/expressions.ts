import { type Compiled, compile } from '../../core/cel/compile.ts';
import { rulesOf } from '../../core/cel/schema/rules.ts';
import type { Schema } from '../../core/cel/schema/schema.ts';
import { median } from '../workloads.ts';

const schema: Schema = {
  type: 'object',
  properties: { replicas: { type: 'integer' }, maxReplicas: { type: 'integer' }, ports: { type: 'array', items: { type: 'integer' } } },
};

const object = { replicas: 3, maxReplicas: 5, ports: Array.from({ length: 100 }, (_, i) => 8000 + i) };

const ROUNDS = 7;

/** The evaluation of a rule of a CustomResourceDefinition, with what it costs to let it see the object; of one about 100 elements, too. Medians of 7, warm. */
export async function expressions(): Promise<Record<string, number>> {
  return {
    cel_rule_us: evaluation('self.replicas <= self.maxReplicas', 200_000),
    cel_all_us: evaluation('self.ports.all(port, port > 0)', 10_000),
  };
}

/** Microseconds. */
function evaluation(rule: string, times: number): number {
  const rules = rulesOf(schema)!;
  const { program } = compile(rule, rules.environment) as Compiled;
  const round = () => {
    const started = performance.now();
    for (let i = 0; i < times; i++) program.evaluate(rules.bindings(object));
    return ((performance.now() - started) * 1_000) / times;
  };
  round();
  return median(Array.from({ length: ROUNDS }, round));
}
