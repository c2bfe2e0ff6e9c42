import { InvalidArgumentError, Option } from 'commander';
import { parseGoDuration } from '../../core/kube/go-duration.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { ClusterChoice } from '../client/connect.ts';
import { UsageError } from '../run-verb.ts';
import type { Terminal } from '../terminal.ts';
import { using } from '../using-file.ts';
import { clientOf, collect, examples, GROUPS, integer, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane test` */
export const addTest: Verb = (program, terminal) => {
  const command = program
    .command('test')
    .helpGroup(GROUPS.run)
    .description(
      'Apply manifests, wait until all is ready, and look whether objects are as they should be. On a cluster of its own that ends with it, unless one is named. Exit code 0: all is so, 1: something is not.',
    )
    .option('-f, --filename <path>', 'manifests to apply: a file, a folder (recursively) or - for standard input; may be repeated', collect)
    .option('-a, --assert <path>', 'parts of objects that have to be there, as assert files of kuttl and Chainsaw; may be repeated', collect)
    .option('-e, --error <path>', 'parts of objects that must not be there; may be repeated', collect)
    .option(
      '--for <condition>',
      'wait for this instead of all being ready: KIND/NAME:condition=TYPE, :jsonpath={.PATH}=VALUE, :create, :delete; may be repeated',
      collect,
    )
    .option('--no-wait', 'look for what has to be there at once')
    .addOption(new Option('--timeout <duration>', 'for how long in all').argParser(duration).default(parseGoDuration('2m'), '2m'))
    .option('--junit <file>', 'write what came of it as JUnit, for CI')
    .option('--nodes <count>', 'how many nodes a cluster of its own has', integer(0, 5000), 3)
    .option('--clock-rate <rate>', 'how fast the time of a cluster of its own goes: 60 is a minute a second', integer(1, 3600), 1)
    .option('--fork', 'on a fork of the cluster that is named, which is deleted afterwards');
  ofCluster(withOutput(command, ['table', 'json', 'yaml'])).action(async (given) => {
    const {
      filename = [],
      assert: asserted = [],
      error: refused = [],
      for: awaited = [],
      wait: waits,
      timeout,
      junit: file,
      nodes,
      clockRate,
      fork = false,
      output,
      ...choice
    } = given;
    if (filename.length + asserted.length + refused.length + awaited.length === 0)
      throw new UsageError('a test needs manifests (-f), or something to look for (--assert, --error, --for)');
    const isNamed = choice.kubeconfig !== undefined || choice.context !== undefined || choice.cluster !== undefined;
    if (fork && !isNamed) throw new UsageError('--fork needs the cluster that is forked: --cluster, --context or --kubeconfig');
    const [{ readManifests }, { readExpectations }, { parseWaitCondition }, { runSuite }, { junit }, { writeWhole }, { suiteLines }] = await Promise.all([
      import('../manifests.ts'),
      import('../suite/expectation.ts'),
      import('../suite/condition.ts'),
      import('../suite/run-suite.ts'),
      import('../junit.ts'),
      import('../write-whole.ts'),
      import('../suite/suite-table.ts'),
    ]);
    const suite = {
      manifests: await readManifests(filename),
      conditions: awaited.map(parseWaitCondition),
      waits,
      asserts: await readExpectations(asserted),
      errors: await readExpectations(refused),
      timeoutMs: timeout,
      signal: terminal.interrupted?.(),
    };
    const { client, close } = isNamed ? await named(choice, { fork, terminal }) : await own(choice, { nodes, clockRate, terminal });
    try {
      const cases = await runSuite(suite, client);
      const failed = cases.filter(({ failure }) => failure !== undefined).length;
      print(terminal, output, { table: () => suiteLines(cases, terminal), value: { result: failed > 0 ? 'Fails' : 'Succeeds', cases } });
      terminal.exitCode = failed > 0 ? 1 : 0;
      if (file !== undefined) using(file, () => writeWhole(file, junit('logplane test', cases), { mode: 0o644 }));
    } finally {
      await close();
    }
  });
  examples(command, [
    ['test -f chart.yaml', 'does all of it get ready?'],
    ['test -f app/ --assert expected.yaml --junit out.xml', 'and is it as it should be? For CI'],
    ['test -f app/ --for deployment/web:condition=Available', 'only this one is waited for'],
    ['test -f app/ --cluster staging --fork', 'on a fork of what is there'],
  ]);
};

interface Cluster {
  readonly client: ApiClient;
  readonly close: () => Promise<void>;
}

async function own({ namespace }: ClusterChoice, { nodes, clockRate, terminal }: { nodes: number; clockRate: number; terminal: Terminal }): Promise<Cluster> {
  const { ownCluster } = await import('../suite/own-cluster.ts');
  return ownCluster({ nodes, clockRate, namespace, problem: (message) => terminal.err(`logplane: ${message}\n`) });
}

async function named(choice: ClusterChoice, { fork, terminal }: { fork: boolean; terminal: Terminal }): Promise<Cluster> {
  const client = await clientOf(choice, terminal);
  if (!fork) return { client, close: async () => undefined };
  const { randomBytes } = await import('node:crypto');
  const { createCluster, deleteClusters, forkOf } = await import('../clusters.ts');
  const name = `test-${randomBytes(4).toString('hex')}`;
  // Where this process is killed, it goes by itself.
  await createCluster(name, { forkOf: forkOf(choice.cluster, client), ttl: '1h' }, client);
  return { client: client.of(name), close: async () => void (await deleteClusters([name], { ignoreNotFound: true }, client)) };
}

function duration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('a duration is needed, such as 90s or 5m.');
  return ms;
}
