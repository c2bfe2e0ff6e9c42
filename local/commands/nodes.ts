import { InvalidArgumentError } from 'commander';
import { NODE_GROUP } from '../../core/nodes/ec2/node-group.ts';
import type { Taint } from '../../core/schema/generated/kinds.ts';
import { parseLabels, parseTaints } from '../add-nodes.ts';
import { ec2Type } from './ec2-type.ts';
import { clientOf, examples, GROUPS, integer, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane nodes add` */
export const addNodesVerb: Verb = (program, terminal) => {
  const nodes = program.command('nodes').helpGroup(GROUPS.change).description('Change the nodes of a running cluster.');
  const command = nodes
    .command('add')
    .description('Add EC2 instances to it, as a managed node group that grows does.')
    .requiredOption('-t, --type <type>', 'of which EC2 instance type', ec2Type)
    .option('-z, --zone <zone>', 'in which availability zone', zone, 'eu-west-1a')
    .option('-c, --count <count>', 'how many', integer(1, 5000), 1)
    .option('-g, --nodegroup <name>', 'of which node group', NODE_GROUP)
    .option('--spot', 'as spot instances')
    .option('-l, --labels <list>', 'more labels, key=value, with commas between them', labels)
    .option('--taints <list>', 'taints, key=value:Effect, with commas between them', taints);
  ofCluster(withOutput(command)).action(async ({ type, zone, count, nodegroup, spot = false, labels = {}, taints = [], output, ...choice }) => {
    const { addNodes } = await import('../add-nodes.ts');
    const names = await addNodes({ type, zone, count, nodegroup, spot, labels, taints }, { client: await clientOf(choice, terminal), now: Date.now() });
    const ids = names.map((name) => `node/${name}`);
    print(terminal, output, { table: () => ids.map((id) => `${id} created`), value: names.map((name) => ({ kind: 'Node', name })), names: ids });
  });
  examples(command, [
    ['nodes add --type m7i.large', 'one more node'],
    ['nodes add --type c7g.xlarge --count 5 --zone eu-west-1b --spot', 'five of them, as spot instances'],
  ]);
};

function zone(name: string): string {
  if (!/^[a-z]{2}(-[a-z]+)+-\d[a-f]$/.test(name)) throw new InvalidArgumentError('An availability zone is needed, such as eu-west-1a.');
  return name;
}

function labels(list: string): Record<string, string> {
  const parsed = parseLabels(list);
  if (!parsed) throw new InvalidArgumentError('key=value is needed, with commas between several.');
  return parsed;
}

function taints(list: string): Taint[] {
  const parsed = parseTaints(list);
  if (!parsed) throw new InvalidArgumentError('key=value:Effect is needed, with commas between several.');
  return parsed;
}
