import type { Node, Pod } from '../../model/kinds.ts';

/** Something that is to come to pass in a plan (docs/plans.md). */
export interface PlannedChange {
  readonly type: 'Fail' | 'Drain' | 'Cordon' | 'Remove';
  /** `zone eu-west-1a`, or `node NAME` */
  readonly target: string;
}

export const CHANGE_TYPES: Readonly<Record<PlannedChange['type'], string>> = {
  Fail: 'fails',
  Drain: 'is drained',
  Cordon: 'is cordoned',
  Remove: 'is removed',
};

export const ZONE = 'topology.kubernetes.io/zone';

/** As the spec of a Plan has it. */
export function specOf({ type, target }: PlannedChange): object {
  const [kind, name] = partsOf(target);
  return kind === 'zone' ? { type, zone: name } : { type, nodes: [name] };
}

function partsOf(target: string): readonly [string, string] {
  const space = target.indexOf(' ');
  return [target.slice(0, space), target.slice(space + 1)];
}

function nodesOf({ target }: PlannedChange, nodes: ReadonlyMap<string, Node>): string[] {
  const [kind, name] = partsOf(target);
  return kind === 'node' ? [name] : [...nodes.values()].filter(({ metadata }) => metadata.labels?.[ZONE] === name).map(({ metadata }) => metadata.name);
}

/** The steps of a Transaction that have it come to pass. A drain cordons; its evictions come behind it, one by one, as kubectl has them. */
export function stepsOf(change: PlannedChange, nodes: ReadonlyMap<string, Node>): object[] {
  return nodesOf(change, nodes).map((name) => {
    const target = { apiVersion: 'v1', kind: 'Node', name };
    return change.type === 'Remove' ? { delete: { target } } : { patch: { target, type: 'merge', patch: PATCHES[change.type] } };
  });
}

const CORDON = { spec: { unschedulable: true } };
const PATCHES = { Fail: { metadata: { annotations: { 'logplane.dev/lost': 'true' } } }, Cordon: CORDON, Drain: CORDON };

/** The pods that a drain evicts: not those of DaemonSets and of the nodes themselves, which would be made again. */
export function evictedBy(change: PlannedChange, nodes: ReadonlyMap<string, Node>, pods: ReadonlyMap<string, Pod>): Pod[] {
  if (change.type !== 'Drain') return [];
  const drained = new Set(nodesOf(change, nodes));
  return [...pods.values()].filter(({ spec, status, metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller)?.kind;
    const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    return drained.has(spec?.nodeName ?? '') && owner !== 'DaemonSet' && owner !== 'Node' && !isOver && !metadata.deletionTimestamp;
  });
}
