import { startCluster } from '../../local/testing/testing.ts';

/** What `/metrics` of a cluster says of itself: read from one that runs, and that has a subscription, as some are told where there is one alone. */
export async function metricsPage(): Promise<string> {
  await using cluster = await startCluster({ nodes: 1 });
  await cluster.apply([
    {
      apiVersion: 'logplane.dev/v1',
      kind: 'Subscription',
      metadata: { name: 'any', namespace: 'default' },
      spec: { target: { webhook: { url: 'http://127.0.0.1:9/' } }, filter: { names: ['none'] } },
    },
  ]);
  const text = await (await cluster.fetch('/metrics')).text();
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)/gm)].map(([, name, help, type]) => {
    const [, labels = ''] = new RegExp(`^${name}{(.*)} `, 'm').exec(text) ?? [];
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${names.join(', ')} | ${help} |`;
  });
  return [
    '# Metrics',
    '',
    '`/metrics` of a cluster is in the text format of Prometheus. It is read as kube-apiserver has it: with the verb `get` on the URL `/metrics`. Counters are of the process that answers, and begin anew with it;',
    'those of subscriptions are in the log. Labels are shown where there was a sample when this page was made.',
    '',
    '| metric | type | labels | what it is |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Deployed, AWS counts the rest: [what wakes whom, and the alarms](/deploy). What pods and nodes use, as autoscalers read it, is told by `metrics.k8s.io`: [load](/load).',
    '',
  ].join('\n');
}
