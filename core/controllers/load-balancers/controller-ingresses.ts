import type { Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Ingress } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { AnnotationError } from './annotation-values.ts';
import { applicationHost, nameProblem, regionOf } from './host-names.ts';
import { groupNameOf, groupNameProblem, ingressesByGroup, isForController } from './ingress-groups.ts';
import { type IngressModel, ingressModel } from './ingress-model.ts';
import { LBC_USER } from './load-balancer-users.ts';
import { bindings } from './target-group-bindings.ts';

const RESOURCE = 'ingresses.networking.k8s.io';
const OWN = 'ingress.k8s.aws/resources';
const GROUP = 'group.ingress.k8s.aws/';

/** Gives an Ingress of class `alb` its application load balancer, which those of a group share (aws-load-balancer-controller, controllers/ingress). */
export const controllerIngresses: Controller<Ingress> = {
  name: 'aws-load-balancer-ingresses',
  actor: LBC_USER,
  resource: RESOURCE,
  watches: {
    [RESOURCE]: othersOfGroup,
    services: ({ object: { metadata } }, state) => state.keys(ingressesByService, `${metadata.namespace}/${metadata.name}`),
    'ingressclasses.networking.k8s.io': ({ object }, state) => state.keys(ingressesByClass, object.metadata.name),
    'customresourcedefinitions.apiextensions.k8s.io': ({ object }, state) =>
      object.metadata.name === 'targetgroupbindings.elbv2.k8s.aws' ? state.list(RESOURCE).map(ingressKey) : [],
    '*': ({ key }, state) => (key.startsWith('ingressclassparams.') ? state.list(RESOURCE).map(ingressKey) : []),
  },
  reconcile(context) {
    const { object: ingress, state } = context;
    if (!ingress) return nothing;
    if (ingress.metadata.deletionTimestamp || !isForController(ingress, state)) return { mutations: leave(context, ingress) };
    return { mutations: serve(context, ingress) };
  },
};

const ingressKey = ({ metadata }: Ingress): Key => keyOf(RESOURCE, metadata.namespace, metadata.name);

/** What one Ingress of a group says is of the load balancer of all. */
function othersOfGroup({ object, previous }: Change<Ingress>, state: State): Key[] {
  if (previous && previous.spec === object.spec && previous.metadata.annotations === object.metadata.annotations && !object.metadata.deletionTimestamp)
    return [];
  return [object, previous].flatMap((ingress) => {
    const group = ingress && groupNameOf(ingress);
    return group === undefined ? [] : state.keys(ingressesByGroup, group);
  });
}

const ingressesByService = index([RESOURCE], (_key, { metadata, spec }) => {
  const backends = [
    ...(spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
    ...(spec?.defaultBackend ? [spec.defaultBackend] : []),
  ];
  return [...new Set(backends.flatMap(({ service }) => (service ? [`${metadata.namespace}/${service.name}`] : [])))];
});

const ingressesByClass = index([RESOURCE], (_key, { spec }) => (spec?.ingressClassName ? [spec.ingressClassName] : []));

function serve(context: ControllerContext<Ingress>, ingress: Ingress): Mutation[] {
  const { state, now, env } = context;
  const recorder = new EventRecorder({ state, component: 'ingress', now, env });
  const group = groupNameOf(ingress);
  const problem = group === undefined ? undefined : groupNameProblem(group);
  if (problem) {
    recorder.warning(ingress, 'FailedLoadGroupID', `Failed load groupID due to invalid ingress group: ${problem}`);
    return recorder.mutations();
  }
  const finalizer = group === undefined ? OWN : `${GROUP}${group}`;
  const held = withFinalizer(withoutOthers(ingress, finalizer), finalizer);
  const mutations: Mutation[] = held.metadata.finalizers === ingress.metadata.finalizers ? [] : [updateTo(RESOURCE, held)];
  let model: IngressModel;
  try {
    model = ingressModel(ingress, state);
  } catch (error) {
    if (!(error instanceof AnnotationError)) throw error;
    recorder.warning(ingress, 'FailedBuildModel', `Failed build model due to ${error.message}`);
    return [...mutations, ...recorder.mutations()];
  }
  const unnameable = nameProblem(model.name);
  if (unnameable) {
    recorder.warning(ingress, 'FailedDeployModel', `Failed deploy model due to ${unnameable}`);
    return [...mutations, ...recorder.mutations()];
  }
  const where = regionOf(state);
  const hostname = applicationHost(model.name, where, model);
  // Of a group, the first one has the bindings of all.
  if (model.members[0] === ingress || group === undefined) mutations.push(...bindings(model.groups, { labels: labelsOf(ingress), where, state }));
  mutations.push(...statusUpdate(RESOURCE, held, { loadBalancer: { ingress: [{ hostname }] } }));
  if (mutations.length > 0) recorder.normal(ingress, 'SuccessfullyReconciled', 'Successfully reconciled');
  return [...mutations, ...recorder.mutations()];
}

function labelsOf(ingress: Ingress): Record<string, string> {
  const group = groupNameOf(ingress);
  if (group !== undefined) return { 'ingress.k8s.aws/stack': group };
  return { 'ingress.k8s.aws/stack-name': ingress.metadata.name, 'ingress.k8s.aws/stack-namespace': ingress.metadata.namespace! };
}

const isMine = (finalizer: string) => finalizer === OWN || finalizer.startsWith(GROUP);

/** An Ingress that has gone over to another group is not held by the former one. */
const withoutOthers = (ingress: Ingress, finalizer: string): Ingress =>
  (ingress.metadata.finalizers ?? []).filter((name) => isMine(name) && name !== finalizer).reduce(withoutFinalizer<Ingress>, ingress);

/** The load balancer goes with its last Ingress. */
function leave({ state }: ControllerContext<Ingress>, ingress: Ingress): Mutation[] {
  const mine = (ingress.metadata.finalizers ?? []).filter(isMine);
  if (mine.length === 0) return [];
  const group = groupNameOf(ingress);
  const isLast = group === undefined || state.by(ingressesByGroup, group).every((other) => other === ingress || !isForController(other, state));
  const gone = isLast ? bindings([], { labels: labelsOf(ingress), where: regionOf(state), state }) : [];
  return [...gone, updateTo(RESOURCE, mine.reduce(withoutFinalizer<Ingress>, ingress))];
}
