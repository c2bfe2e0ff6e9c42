import {
  csiNode,
  deviceClass,
  forNode,
  gated,
  highPriority,
  light,
  lowPriority,
  type Made,
  node,
  nodeAffinity,
  plain,
  podAffinity,
  podAntiAffinity,
  preferredPodAffinity,
  preferredPodAntiAffinity,
  preferredTopologySpreading,
  resourceSlice,
  service,
  tooLarge,
  topologySpreading,
  withDevice,
  withVolume,
} from './shapes.ts';

/** A workload of scheduler_perf: what there is, what stands on it, and what is measured. */
export interface Workload {
  /** As scheduler_perf calls it (performance-config.yaml). */
  readonly upstream: string;
  /** pods/s that it has to reach there, in 1.37.2; undefined: it has no threshold. */
  readonly threshold?: number;
  /** What it is to reach here. */
  readonly aim: number;
  readonly nodes: () => Made[];
  /** Placed before the clock starts, and then deleted again. */
  readonly initial?: () => Made[];
  readonly deleting?: number;
  /** What is there beside, and waits. */
  readonly waiting?: () => Made[];
  readonly measured: readonly [count: number, shape: (name: string) => Made | Made[]];
  /** What comes, and goes when the next comes, while pods are placed. */
  readonly churn?: { readonly everyMs: number; readonly made: (i: number) => Made[]; readonly recreated?: true };
}

const nodes = (count: number, zones?: readonly string[]) => () => numbered(count, 'node').map((name, i) => node(name, i, zones ? { zones } : {}));
const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const pods = (count: number, shape: (name: string) => Made | Made[], prefix = 'init') => numbered(count, prefix).flatMap((name) => shape(name));
const zone1 = ['zone1'];
const moons = ['moon-1', 'moon-2', 'moon-3'];
const inMeasured = (shape: (name: string, namespace: string) => Made) => (name: string) => shape(name, 'sched-1');
/** The one node of many that all pods are for. */
const TARGET = 'scheduler-perf-node';
const target = () => node(TARGET, 0, { pods: '90000' });

export const workloads: Readonly<Record<string, Workload>> = {
  sched_basic: {
    upstream: 'SchedulingBasic/5000Nodes_10000Pods',
    threshold: 680,
    aim: 7_000,
    nodes: nodes(5_000),
    initial: () => pods(1_000, plain),
    measured: [10_000, plain],
  },
  sched_basic_50k: {
    upstream: 'SchedulingBasic/5000Nodes_50000Pods',
    threshold: 810,
    aim: 8_000,
    nodes: nodes(5_000),
    initial: () => pods(5_000, plain),
    measured: [50_000, plain],
  },
  sched_spread: {
    upstream: 'TopologySpreading/5000Nodes_5000Pods',
    threshold: 460,
    aim: 4_600,
    nodes: nodes(5_000, moons),
    initial: () => pods(5_000, plain),
    measured: [5_000, topologySpreading],
  },
  sched_preferred_spread: {
    upstream: 'PreferredTopologySpreading/5000Nodes_5000Pods',
    threshold: 340,
    aim: 3_400,
    nodes: nodes(5_000, moons),
    initial: () => pods(5_000, plain),
    measured: [5_000, preferredTopologySpreading],
  },
  sched_affinity: {
    upstream: 'SchedulingPodAffinity/5000Nodes_5000Pods',
    threshold: 35,
    aim: 700,
    nodes: nodes(5_000, zone1),
    initial: () => pods(5_000, podAffinity),
    measured: [5_000, inMeasured(podAffinity)],
  },
  sched_antiaffinity: {
    upstream: 'SchedulingPodAntiAffinity/5000Nodes_2000Pods',
    threshold: 60,
    aim: 1_800,
    nodes: nodes(5_000),
    initial: () => pods(1_000, podAntiAffinity),
    measured: [2_000, inMeasured(podAntiAffinity)],
  },
  sched_preferred: {
    upstream: 'SchedulingPreferredPodAffinity/5000Nodes_5000Pods',
    threshold: 90,
    aim: 1_900,
    nodes: nodes(5_000),
    initial: () => pods(5_000, preferredPodAffinity),
    measured: [5_000, inMeasured(preferredPodAffinity)],
  },
  sched_preferred_anti: {
    upstream: 'SchedulingPreferredPodAntiAffinity/5000Nodes_5000Pods',
    threshold: 90,
    aim: 1_900,
    nodes: nodes(5_000),
    initial: () => pods(5_000, preferredPodAntiAffinity),
    measured: [5_000, inMeasured(preferredPodAntiAffinity)],
  },
  sched_nodeaffinity: {
    upstream: 'SchedulingNodeAffinity/5000Nodes_10000Pods',
    threshold: 220,
    aim: 5_400,
    nodes: nodes(5_000, zone1),
    initial: () => pods(5_000, nodeAffinity),
    measured: [10_000, nodeAffinity],
  },
  sched_mixed: {
    upstream: 'MixedSchedulingBasePod/5000Nodes_5000Pods',
    threshold: 140,
    aim: 5_400,
    nodes: nodes(5_000, zone1),
    initial: () => [
      ...pods(2_000, (name) => plain(name, 'sched-0')),
      ...[podAffinity, podAntiAffinity, preferredPodAffinity, preferredPodAntiAffinity].flatMap((shape, i) => pods(2_000, shape, `init${i}`)),
    ],
    measured: [5_000, plain],
  },
  sched_preemption: {
    upstream: 'PreemptionAsync/5000Nodes',
    threshold: 570,
    aim: 5_700,
    nodes: nodes(5_000),
    initial: () => pods(20_000, lowPriority),
    churn: { everyMs: 200, made: (i) => [highPriority(`churn-${i}`)] },
    measured: [5_000, plain],
  },
  sched_unschedulable: {
    upstream: 'Unschedulable/5kNodes/100Init/10kPods',
    threshold: 590,
    aim: 5_900,
    nodes: nodes(5_000),
    initial: () => pods(100, plain),
    churn: { everyMs: 200, made: (i) => [tooLarge(`churn-${i}`)] },
    measured: [10_000, plain],
  },
  sched_gated: {
    upstream: 'SchedulingWhileGated/1Node_10000GatedPods',
    aim: 9_000,
    nodes: () => [target()],
    waiting: () => pods(10_000, gated, 'gated'),
    initial: () => pods(20_000, light),
    deleting: 50,
    measured: [20_000, light],
  },
  sched_daemonset: {
    upstream: 'SchedulingDaemonset/15000Nodes',
    aim: 11_000,
    nodes: () => [target(), ...nodes(15_000)()],
    measured: [30_000, forNode(TARGET)],
  },
  sched_churn: {
    upstream: 'SchedulingWithMixedChurn/5000Nodes_10000Pods',
    aim: 7_000,
    nodes: nodes(5_000),
    churn: { everyMs: 1_000, made: (i) => [node(`churn-${i}`, 0, { pods: '0' }), tooLarge(`churn-${i}`), service(`churn-${i}`)], recreated: true },
    measured: [10_000, plain],
  },
  sched_volumes: {
    upstream: 'SchedulingCSIPVs/5000Nodes_5000Pods',
    threshold: 48,
    aim: 1_000,
    nodes: () => [...nodes(5_000)(), ...numbered(5_000, 'node').map((name) => csiNode(name))],
    initial: () => pods(5_000, withVolume),
    measured: [5_000, withVolume],
  },
  sched_dra: {
    upstream: 'SchedulingWithResourceClaimTemplate/5000pods_500nodes',
    threshold: 40,
    aim: 600,
    nodes: () => [deviceClass(), ...nodes(500)(), ...numbered(500, 'node').map((name) => resourceSlice(name))],
    initial: () => pods(2_500, withDevice),
    measured: [2_500, withDevice],
  },
};
