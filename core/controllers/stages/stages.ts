import { apisOf } from '../../apis/apis.ts';
import { isServed } from '../../apis/core/node-agent.ts';
import { validatePodStatusUpdate } from '../../apis/core/pod-status.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { type Key, type KubeObject, keyOf, parseKey } from '../../kube/object.ts';
import type { User } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { readStage, STAGES, type Stage } from '../../stages/stage.ts';
import { NEXT_STAGE, stagedKinds, stagesOf } from '../../stages/stages.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { effectsOf } from './effects.ts';

/** As KWOK's controller is bound to its cluster. */
const actor: User = { username: 'system:serviceaccount:kube-system:kwok-controller', groups: ['system:masters'] };

/**
 * Moves objects along by the Stages that select them, pods on nodes that are served here and objects of any other kind (kwok.sigs.k8s.io, "Stages Configuration").
 * Which Stage comes next, and when, is drawn once and noted in an annotation: so it is the same whoever looks, and a user sees it.
 */
export const stageController: Controller = {
  name: 'stages',
  actor,
  watches: {
    '*': ({ key, type, object }, state) => {
      if (type === 'DELETED') return [];
      if (parseKey(key).resource === STAGES) return keysOf(object, state);
      return stagesOf(state, object).length > 0 ? [key] : [];
    },
  },
  primaries: (state) => stagedKinds(state).flatMap((stage) => keysOf(stage.object, state)),
  reconcile(context) {
    const { key, state, now, env } = context;
    const { resource, namespace, name } = parseKey(key);
    const object = state.get(resource, namespace, name) as KubeObject | undefined;
    if (!object || !isMoved(object, state)) return nothing;
    const stages = stagesOf(state, object).filter((stage) => stage.selects(object) && !revives(stage, object, context));
    const noted = nextOf(object);
    const stage = stages.find((candidate) => candidate.name === noted?.stage);
    if (stage && noted) return noted.at > now ? { mutations: [], enqueueAt: noted.at } : acted(stage, object, context);
    const drawn = draw(stages, object, env.random.next());
    if (!drawn) return noted ? { mutations: [annotated(object, resource, undefined)] } : nothing;
    const [from, to] = drawn.delay(object, now);
    const at = clusterInstant(Math.round(now + from + (to - from) * env.random.next()));
    if (at <= now) return acted(drawn, object, context);
    return { mutations: [annotated(object, resource, `${drawn.name} ${new Date(at).toISOString()}`)], enqueueAt: at };
  },
};

function keysOf(stage: KubeObject, state: State): Key[] {
  const { resourceRef } = (stage as KubeObject & { spec?: { resourceRef?: { apiGroup?: string; kind?: string } } }).spec ?? {};
  const resource = apisOf(state).ofKind(resourceRef?.apiGroup ?? 'v1', resourceRef?.kind ?? '');
  if (!resource) return [];
  return state.list(resource.storedAs).map(({ metadata }) => keyOf(resource.storedAs, metadata.namespace, metadata.name));
}

function isMoved(object: KubeObject, state: State): boolean {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1') return true;
  const { nodeName } = (object as Pod).spec ?? {};
  return nodeName !== undefined && isServed(state.get('nodes', undefined, nodeName));
}

/**
 * Whether a Stage would have a container of a pod run that has ended for good, which no API server takes: KWOK's own do so after a Job's pod is complete, and are
 * refused. Here it is not tried, so that the pod is at rest.
 */
function revives(stage: Stage, object: KubeObject, context: ControllerContext<KubeObject>): boolean {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1' || object.metadata.deletionTimestamp || !isPodTerminal(object as Pod)) return false;
  try {
    return effectsOf(stage, object, context).some(
      (mutation) =>
        mutation.type === 'update' && mutation.subresource === 'status' && validatePodStatusUpdate(mutation.object as Pod, object as Pod).length > 0,
    );
  } catch {
    // Told when it is tried.
    return false;
  }
}

interface Next {
  readonly stage: string;
  readonly at: ClusterInstant;
}

function nextOf({ metadata }: KubeObject): Next | undefined {
  const [stage, time] = metadata.annotations?.[NEXT_STAGE]?.split(' ') ?? [];
  const at = Date.parse(time ?? '');
  return stage === undefined || Number.isNaN(at) ? undefined : { stage, at: clusterInstant(at) };
}

/** One of several by their weights; where none has a weight, any. */
function draw(stages: readonly Stage[], object: KubeObject, chance: number): Stage | undefined {
  const weights = stages.map((stage) => stage.weight(object));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return stages[Math.floor(chance * stages.length)];
  let left = chance * total;
  return stages.find((_, i) => {
    left -= weights[i]!;
    return left < 0;
  });
}

function annotated(object: KubeObject, resource: string, next: string | undefined): UpdateMutation {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const { [NEXT_STAGE]: _n, ...annotations } = metadata.annotations ?? {};
  return { type: 'update', resource, object: { ...object, metadata: { ...metadata, annotations: { ...annotations, ...(next && { [NEXT_STAGE]: next }) } } } };
}

/** What a Stage does to an object; where it cannot be done, that is told of the Stage. */
function acted(stage: Stage, object: KubeObject, context: ControllerContext<KubeObject>): ControllerResult {
  try {
    return { mutations: effectsOf(stage, object, context) };
  } catch (error) {
    return { mutations: refusal(stage.object, (error as Error).message, context) };
  }
}

/** Tells of a Stage that is not understood, so that its author sees why nothing happens. */
export const stageReader: Controller<KubeObject> = {
  name: 'stage-reader',
  actor,
  resource: STAGES,
  reconcile(context) {
    const { object: stage } = context;
    if (!stage) return nothing;
    try {
      readStage(stage);
      return nothing;
    } catch (error) {
      return { mutations: refusal(stage, (error as Error).message, context) };
    }
  },
};

function refusal(stage: KubeObject, why: string, { state, assumed, now, env }: ControllerContext<KubeObject>): Mutation[] {
  // The others of a pass that come to it say the same.
  const told = keyOf('stages-refused', undefined, stage.metadata.name);
  if (assumed.has(told)) return [];
  assumed.add(told);
  const message = `Stage ${stage.metadata.name}: ${why}`;
  const recorder = new EventRecorder({ state, component: 'kwok-controller', now, env });
  recorder.warningOnce(stage, 'InvalidStage', message);
  return recorder.mutations();
}
