import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Takes what nodes follow from out of a table of EC2's instance types:
 *
 *     node scripts/eks/instance-types.ts TABLE.tsv
 *
 * The table has a line for each type, with the columns `type`, `vcpu`, `memory_mib`, `arch`, `max_pods_eni`, `gpu_maker`, `gpu_count`, `accel_maker` and
 * `accel_count` among others. What is written: by family, its architecture and the vCPUs, MiB, pods and devices of each size.
 */
const [head, ...lines] = readFileSync(process.argv[2]!, 'utf8').trimEnd().split('\n');
const columns = head!.split('\t');

interface Family {
  readonly arch: string;
  readonly sizes: Record<string, (number | string)[]>;
}

const families: Record<string, Family> = {};
for (const line of lines) {
  const cells = line.split('\t');
  const of = (column: string) => cells[columns.indexOf(column)] ?? '';
  const [family, size] = of('type').split('.') as [string, string];
  const known = families[family] ?? { arch: of('arch'), sizes: {} };
  if (known.arch !== of('arch')) throw new Error(`${family} has more than one architecture`);
  known.sizes[size] = [Number(of('vcpu')), Number(of('memory_mib')), Number(of('max_pods_eni')), ...deviceOf(of)];
  families[family] = known;
}

function deviceOf(of: (column: string) => string): (number | string)[] {
  const resource = { nvidia: 'nvidia.com/gpu', amd: 'amd.com/gpu', habana: 'habana.ai/gaudi' }[of('gpu_maker')];
  if (resource) return [resource, Number(of('gpu_count'))];
  return of('accel_maker') === 'aws' ? ['aws.amazon.com/neuron', Number(of('accel_count'))] : [];
}

const text = Object.entries(families).map(([name, { arch, sizes }]) => `${JSON.stringify(name)}:${JSON.stringify({ arch, sizes })}`);
writeFileSync(path.resolve(import.meta.dirname, '../../core/nodes/ec2/instance-types.json'), `{\n${text.join(',\n')}\n}\n`);
