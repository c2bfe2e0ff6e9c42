import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { readStage, STAGES, type Stage } from './stage.ts';

/** The Stages of a cluster that are understood, by `apiVersion/kind` of what they are about. */
const stagesByKind: View<ReadonlyMap<string, readonly Stage[]>> = {
  of: [STAGES],
  initial: new Map(),
  evolve(before, changes) {
    const all = new Map([...before.values()].flat().map((stage) => [stage.name, stage]));
    for (const { type, object } of changes) {
      all.delete(object.metadata.name);
      if (type === 'DELETED') continue;
      const stage = understood(object);
      if (stage) all.set(stage.name, stage);
    }
    return Map.groupBy(
      [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      ({ apiVersion, kind }) => `${apiVersion}/${kind}`,
    );
  },
};

function understood(object: KubeObject): Stage | undefined {
  try {
    return readStage(object);
  } catch {
    // Its controller tells of it.
    return undefined;
  }
}

export const stagesOf = (state: State, { apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): readonly Stage[] =>
  state.view(stagesByKind).get(`${apiVersion}/${kind}`) ?? [];

/** Of which kinds there are Stages, as `apiVersion` and `kind`. */
export const stagedKinds = (state: State): readonly Stage[] => [...state.view(stagesByKind).values()].map(([first]) => first!);

/** The annotation of an object that says which Stage it came to last: from then on nothing else moves a pod along, but what ends it. */
export const STAGE = 'logplane.dev/stage';

/** The annotation that says which Stage comes next, and when. */
export const NEXT_STAGE = 'logplane.dev/next-stage';

/** Whether Stages move a pod along, and its kubelet does not. */
export function isStaged(pod: KubeObject, state: State): boolean {
  if (pod.metadata.annotations?.[STAGE] !== undefined && !pod.metadata.deletionTimestamp) return true;
  return stagesOf(state, pod).some((stage) => stage.selects(pod));
}
