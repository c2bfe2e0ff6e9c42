import { InvalidArgumentError, Option } from 'commander';
import { READY } from '../../core/apis/logplane/plan.ts';
import { parseGoDuration } from '../../core/kube/go-duration.ts';
import { Unreachable } from '../client/api-client.ts';
import { NoCluster } from '../client/kubeconfig-files.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { PlanCommand } from '../plan.ts';
import { messageOf, UsageError } from '../run-verb.ts';
import { clientOf, collect, examples, GROUPS, integer, ofCluster, type Verb } from './verb.ts';

/** `logplane plan` */
export const addPlan: Verb = (program, terminal) => {
  const command = program
    .command('plan')
    .helpGroup(GROUPS.look)
    .description(
      'Tell what would happen if manifests were applied to a running cluster, or something else came to pass. Exit code 0: all would be well, 1: something would fail, 2: there is no plan.',
    )
    .option('-f, --filename <path>', 'a manifest: a file, a folder (recursively) or - for standard input; may be repeated', collect)
    .option('--until <when>', 'how far to look: ready, or a duration such as 10m or 24h', until, READY)
    .option('--drain <node>', 'drain a node; may be repeated', collect)
    .option('--cordon <node>', 'make a node unschedulable; may be repeated', collect)
    .option('--remove <node>', 'delete a node; may be repeated', collect)
    .option('--fail <node>', 'lose the machine of a node; may be repeated', collect)
    .option('--fail-zone <zone>', 'lose all machines of an availability zone; may be repeated', collect)
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(['table', 'json', 'yaml', 'junit']).default('table'))
    .option('--seed <number>', 'of chance, and of the names that are drawn', integer(0, 0xffff_ffff), 1)
    .option('--field-manager <name>', 'as which field manager the manifests are applied', FIELD_MANAGER)
    .option('--force-conflicts', 'take over fields of other managers')
    .option('--ask-webhooks', 'ask admission webhooks that have no side effects, or none on dry run')
    .addOption(new Option('--events <which>', 'which of the Events that are written on the way to tell').choices(['none', 'warning', 'all']).default('none'));
  ofCluster(command).action(async (given) => {
    const {
      filename: filenames = [],
      until,
      seed,
      fieldManager,
      forceConflicts = false,
      askWebhooks = false,
      output,
      events,
      drain,
      cordon,
      remove,
      fail,
      failZone = [],
      ...choice
    } = given;
    const ofNodes = ([type, nodes]: readonly [NodeChange, readonly string[] | undefined]) => (nodes ? [{ type, nodes }] : []);
    const named = (
      [
        ['Cordon', cordon],
        ['Drain', drain],
        ['Remove', remove],
        ['Fail', fail],
      ] as const
    ).flatMap(ofNodes);
    const changes = [...named, ...failZone.map((zone: string) => ({ type: 'Fail' as const, zone }))];
    if (filenames.length + changes.length === 0) throw new UsageError('a plan needs manifests (-f), or something that comes to pass (--drain, --fail-zone, …)');
    const { askPlan } = await import('../plan.ts');
    const columns = terminal.columns ?? WIDTH;
    try {
      const client = await clientOf(choice, terminal);
      const { text, exitCode } = await askPlan(
        {
          filenames,
          until,
          seed,
          fieldManager,
          changes,
          forceConflicts,
          askWebhooks,
          output: output as PlanCommand['output'],
          events: events as PlanCommand['events'],
          columns,
        },
        client,
      );
      terminal.out(text);
      terminal.exitCode = exitCode;
    } catch (error) {
      // 1 is that of a plan that tells what would fail.
      throw error instanceof Unreachable || error instanceof NoCluster ? error : new UsageError(messageOf(error));
    }
  });
  examples(command, [
    ['plan -f manifests/', 'what would come of these'],
    ['plan --fail-zone eu-west-1a', 'what if a zone goes?'],
    ['plan --drain NODE --until 10m -o json', 'does a disruption budget keep a pod?'],
  ]);
};

const WIDTH = 160;

type NodeChange = 'Cordon' | 'Drain' | 'Remove' | 'Fail';

function until(text: string): string {
  if (text !== READY && !((parseGoDuration(text) ?? 0) > 0)) throw new InvalidArgumentError('ready is needed, or a duration such as 10m.');
  return text;
}
