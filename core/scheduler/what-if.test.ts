import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Cluster } from '../testing/cluster.ts';
import { node, type PodOptions, pod } from '../testing/objects.ts';
import { clusterInfo, places, scheduled } from '../testing/scheduling.ts';
import { whyNotOn } from './objections.ts';
import { plugins } from './plugins/registry.ts';
import { podInfoOf } from './pod-info.ts';
import { firstObjection, preFiltered } from './pre-filter.ts';
import { inWhatIf } from './what-if.ts';

const ZONE = 'topology.kubernetes.io/zone';
const inZone = (name: string, zone: string) => node(name, { labels: { [ZONE]: zone } });
const notNear = (app: string) => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: { matchLabels: { app } } }] },
});
const near = (app: string) => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: { matchLabels: { app } } }] },
});
const spread = {
  topologySpreadConstraints: [{ topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }],
};
const app = (name: string, label: string, options: PodOptions = {}): Pod => pod(name, { labels: { app: label }, ...options });
const high = (label: string, options: PodOptions = {}) => app('high', label, { priority: 1000, ...options });

const going = ({ pods }: Cluster): string[] => pods.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata: { name } }) => name);

describe('a pod that other pods keep from all nodes takes the place of those', () => {
  it.each<{ name: string; given: KubeObject[]; victims: string[] }>([
    {
      name: 'that it must not be near',
      given: [inZone('a', '1'), app('x', 'db', { nodeName: 'a' }), app('y', 'web', { nodeName: 'a' }), high('web', { affinity: notNear('db') })],
      victims: ['x'],
    },
    {
      name: 'that must not be near it',
      given: [inZone('a', '1'), app('x', 'db', { nodeName: 'a', affinity: notNear('web') }), app('y', 'db', { nodeName: 'a' }), high('web')],
      victims: ['x'],
    },
    {
      name: 'that are too many in its zone, and no more of them than have to go',
      given: [
        ...[inZone('a', '1'), node('b', { labels: { [ZONE]: '2' }, unschedulable: true })],
        ...[app('x', 'web', { nodeName: 'a' }), app('y', 'web', { nodeName: 'a', priority: 5 }), app('z', 'web', { nodeName: 'b' })],
        high('web', spread),
      ],
      victims: ['x'],
    },
    {
      name: 'but not on one node where those are on another one of the zone',
      given: [
        inZone('a', '1'),
        inZone('b', '1'),
        app('x', 'db', { nodeName: 'a' }),
        app('y', 'db', { nodeName: 'b' }),
        high('web', { affinity: notNear('db') }),
      ],
      victims: [],
    },
    {
      // As the documentation says ("Inter-Pod affinity on lower-priority Pods"): all of them are thought away first.
      name: 'but not on a node where it has to be near one of them',
      given: [
        inZone('a', '1'),
        app('x', 'db', { nodeName: 'a', requests: { cpu: '2' } }),
        app('y', 'web', { nodeName: 'a', requests: { cpu: '2' }, priority: 5 }),
        high('web', { affinity: near('db'), requests: { cpu: '2' } }),
      ],
      victims: [],
    },
  ])('$name', async ({ given, victims }) => {
    expect(going(await scheduled(...given))).toEqual(victims);
  });
});

it('A pod keeps away from one of a higher priority that is nominated for a node in its zone and not there yet', async () => {
  const waiting = app('nominated', 'db', {
    priority: 9,
    requests: { cpu: '4' },
    nodeSelector: { [ZONE]: '1' },
    affinity: notNear('web'),
    status: { nominatedNodeName: 'a' },
  });
  const filler = pod('filler', { nodeName: 'a', requests: { cpu: '4' }, priority: 10 });
  const cluster = await scheduled(inZone('a', '1'), inZone('b', '2'), filler, waiting, app('low', 'web'));
  expect(places(cluster)).toContain('low@b');
});

describe('a what-if', () => {
  const objects = [inZone('a', '1'), inZone('b', '1'), inZone('c', '2'), app('x', 'db', { nodeName: 'a' }), app('y', 'db', { nodeName: 'c' })];
  const asking = app('p', 'web', { affinity: notNear('db'), ...spread });

  it('has what is counted of other nodes be as it would be, and leaves it as it is', () => {
    const cluster = clusterInfo(...objects);
    const info = podInfoOf(asking);
    const asked = preFiltered(info, cluster, plugins);
    if (asked.type === 'impossible') throw new Error(asked.impossible);
    const verdicts = () => cluster.nodes.map((_, position) => firstObjection(asked.filters, position, cluster)?.plugin);
    expect(verdicts()).toEqual(['InterPodAffinity', 'InterPodAffinity', 'InterPodAffinity']);
    const b = inWhatIf(cluster, cluster.nodes[0]!, { without: [objects[3] as Pod] }, (whatIf) =>
      whyNotOn({ ...info }, whatIf.nodes[1]!, { cluster: whatIf, plugins, nominated: new Map() }),
    );
    expect(b).toBeUndefined();
    expect(verdicts()).toEqual(['InterPodAffinity', 'InterPodAffinity', 'InterPodAffinity']);
  });

  it('may be asked within another one', () => {
    const cluster = clusterInfo(...objects);
    const info = podInfoOf(asking);
    const why = (of: typeof cluster, at: number) => whyNotOn({ ...info }, of.nodes[at]!, { cluster: of, plugins, nominated: new Map() })?.plugin;
    const found = inWhatIf(cluster, cluster.nodes[0]!, { without: [objects[3] as Pod] }, (outer, a) => {
      const within = inWhatIf(outer, a, { and: [app('z', 'db')] }, (inner) => why(inner, 1));
      return [within, why(outer, 1)];
    });
    expect([...found, why(cluster, 1)]).toEqual(['InterPodAffinity', undefined, 'InterPodAffinity']);
  });
});

it('The state of a what-if is made for pods alone that have volumes, claims or a namespace to be looked at', () => {
  const cluster = clusterInfo(node('a'), pod('q', { nodeName: 'a' }));
  const without = (given: Pod) => {
    let made = 0;
    const counting = {
      ...cluster,
      get state() {
        made++;
        return cluster.state;
      },
    };
    inWhatIf(counting, counting.nodes[0]!, { without: [pod('q', { nodeName: 'a' })] }, (whatIf, there) =>
      whyNotOn(podInfoOf(given), there, { cluster: whatIf, plugins, nominated: new Map() }),
    );
    return made;
  };
  expect(without(pod('p', { requests: { cpu: '1' }, tolerations: [] }))).toBe(0);
  expect(without(pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }))).toBe(1);
});
