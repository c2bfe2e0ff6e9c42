import { type Compiled, compile } from '../../core/cel/compile.ts';
import { environment } from '../../core/cel/environment.ts';
import { kubernetesLibraries } from '../../core/cel/libraries/kubernetes.ts';
import type { Schema } from '../../core/cel/schema/schema.ts';
import { schemaType } from '../../core/cel/schema/schema-type.ts';
import { schemaValue } from '../../core/cel/schema/schema-value.ts';
import type { Value } from '../../core/cel/value.ts';
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
  const { type, sizeOfPath } = schemaType(schema, { name: 'self' })!;
  const { program } = compile(rule, environment({ variables: { self: type }, sizeOfPath, libraries: kubernetesLibraries })) as Compiled;
  const round = () => {
    const started = performance.now();
    for (let i = 0; i < times; i++) program.evaluate({ self: schemaValue(object, schema) as Value });
    return ((performance.now() - started) * 1_000) / times;
  };
  round();
  return median(Array.from({ length: ROUNDS }, round));
}
