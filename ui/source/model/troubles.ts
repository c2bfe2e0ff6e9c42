import type { Claim, Node, Pod, Workload } from './kinds.ts';
import { conditionOf, stateOf } from './pod-state.ts';
import type { ResourceName } from './resources.ts';
import type { WorkloadRow } from './workloads.ts';

/** Something that is not well, and why, in one sentence. */
export interface Trouble {
  readonly severity: 'bad' | 'warning';
  /** `Deployment web` */
  readonly subject: string;
  readonly namespace: string | undefined;
  readonly sentence: string;
  /** An object that it can be seen at, for those who want to know more. */
  readonly example: { readonly resource: ResourceName; readonly namespace: string | undefined; readonly name: string };
}

interface Known {
  readonly rows: readonly WorkloadRow[];
  readonly nodes: ReadonlyMap<string, Node>;
  readonly claims: ReadonlyMap<string, Claim>;
}

/** What is not well, the worst first. Of many pods that suffer from the same, one sentence tells. */
export function troublesIn({ rows, nodes, claims }: Known): Trouble[] {
  const troubles = [...[...nodes.values()].flatMap(ofNode), ...rows.flatMap(ofWorkload), ...[...claims.values()].flatMap(ofClaim)];
  return troubles.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

function ofNode({ metadata: { name }, spec, status }: Node): Trouble[] {
  const base = { subject: `Node ${name}`, namespace: undefined, example: { resource: 'nodes', namespace: undefined, name } as const };
  const ready = conditionOf(status?.conditions, 'Ready');
  if (ready && ready.status !== 'True')
    return [{ ...base, severity: 'bad', sentence: `is not ready: ${lower(ready.message ?? ready.reason ?? 'it says nothing of why')}` }];
  const pressed = status?.conditions?.find(({ type, status: is }) => type.endsWith('Pressure') && is === 'True');
  if (pressed) return [{ ...base, severity: 'warning', sentence: `is short of ${PRESSURES[pressed.type] ?? pressed.type}: ${lower(pressed.message ?? '')}` }];
  return spec?.unschedulable ? [{ ...base, severity: 'warning', sentence: 'is cordoned: it takes no new pods' }] : [];
}

const PRESSURES: Readonly<Record<string, string>> = { MemoryPressure: 'memory', DiskPressure: 'disk space', PIDPressure: 'process ids' };

function ofWorkload(row: WorkloadRow): Trouble[] {
  const { kind, namespace, name, object, pods, resource } = row;
  const subject = `${kind} ${name}`;
  const groups = new Map<string, { pods: Pod[]; status: string; why: string; phase: string }>();
  for (const pod of pods) {
    const { phase, status, why } = stateOf(pod);
    if (why === undefined) continue;
    const shared = `${phase}\0${impersonal(why, pod)}`;
    const group = groups.get(shared);
    if (group) group.pods.push(pod);
    else groups.set(shared, { pods: [pod], status, why, phase });
  }
  const found: Trouble[] = [...groups.values()].map(({ pods: some, status, why, phase }) => ({
    severity: phase === 'unready' ? 'warning' : 'bad',
    subject,
    namespace,
    sentence: `${countOf(some.length, pods.length, kind)} ${VERBS[phase]?.(some.length > 1 || kind === 'Pod' ? some.length : 1) ?? `is ${status}`}: ${lower(why)}`,
    example: { resource: 'pods', namespace, name: some[0]!.metadata.name },
  }));
  if (resource && object) {
    const example = { resource, namespace, name };
    for (const sentence of ofConditions(kind, object)) found.push({ severity: 'bad', subject, namespace, sentence, example });
  }
  return found;
}

const VERBS: Readonly<Record<string, (count: number) => string>> = {
  waiting: (count) => (count > 1 ? 'wait for a node' : 'waits for a node'),
  failing: (count) => (count > 1 ? 'fail' : 'fails'),
  unready: (count) => (count > 1 ? 'are not ready' : 'is not ready'),
};

const countOf = (some: number, all: number, kind: string): string =>
  kind === 'Pod' ? 'it' : some === all ? (all === 1 ? 'its pod' : `all ${all} pods`) : `${some} of ${all} pods`;

function* ofConditions(kind: string, { status, spec, metadata }: Workload): Generator<string> {
  if (metadata.deletionTimestamp) return;
  const progressing = conditionOf(status?.conditions, 'Progressing');
  if (progressing?.status === 'False') yield `its rollout does not get on: ${lower(progressing.message ?? progressing.reason ?? '')}`;
  const failure = conditionOf(status?.conditions, 'ReplicaFailure');
  if (failure?.status === 'True') yield `its pods cannot be made: ${lower(failure.message ?? failure.reason ?? '')}`;
  const failed = conditionOf(status?.conditions, 'Failed');
  if (failed?.status === 'True') yield `has failed: ${lower(failed.message ?? failed.reason ?? '')}`;
  if (kind === 'Deployment' && spec?.paused) yield 'its rollout is paused';
}

function ofClaim({ metadata: { name, namespace }, spec, status }: Claim): Trouble[] {
  if (status?.phase === undefined || status.phase === 'Bound') return [];
  const example = { resource: 'persistentvolumeclaims', namespace, name } as const;
  const sentence = status.phase === 'Lost' ? 'its volume is gone' : `has no volume yet${spec?.storageClassName ? ` (of class ${spec.storageClassName})` : ''}`;
  return [{ severity: status.phase === 'Lost' ? 'bad' : 'warning', subject: `PersistentVolumeClaim ${name}`, namespace, sentence, example }];
}

/** Pods that suffer from the same say so with their own names in it. */
const impersonal = (why: string, pod: Pod): string => why.replaceAll(pod.metadata.name, '').replace(/, (?:once|\d+ times);/, ';');

/** The beginning of a sentence, in the middle of another. */
const lower = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text);
