import { DEFINITIONS, settledStatus } from '../../apis/apiextensions/accepted-names.ts';
import { isTrue, withCondition } from '../../apis/apiextensions/conditions.ts';
import { CLEANUP } from '../../apis/apiextensions/customresourcedefinition.ts';
import { type Key, keyOf, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { CustomResourceDefinition } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { hasFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';

/**
 * Looks at definitions again when another one gives up a name, and lets one that is being deleted go once its objects are gone (apiextensions-apiserver's
 * pkg/controller/status and pkg/controller/finalizer). What a definition comes to by itself is decided with its write.
 */
export const customResourceDefinitionController: Controller<CustomResourceDefinition> = {
  name: 'crd-controller',
  actor: userNamed('system:apiserver'),
  resource: DEFINITIONS,
  watches: { [DEFINITIONS]: ofSameGroup, '*': definitionOf },
  reconcile(context) {
    const { object: definition, state, now } = context;
    if (!definition) return nothing;
    if (definition.metadata.deletionTimestamp) return hasFinalizer(definition, CLEANUP) ? finalize(definition, context) : nothing;
    return { mutations: statusUpdate(DEFINITIONS, definition, settledStatus(definition, { state, now })) };
  },
};

/** Its objects first; those with finalizers take their time. One that was never established has none. */
function finalize(definition: CustomResourceDefinition, { state, now }: ControllerContext<CustomResourceDefinition>): ControllerResult {
  const resource = definition.metadata.name;
  const objects = isTrue(definition, 'Established') ? state.list(resource) : [];
  if (objects.length === 0) return { mutations: [updateTo(DEFINITIONS, withoutFinalizer(definition, CLEANUP))] };
  const deletions = objects.filter(({ metadata }) => !metadata.deletionTimestamp).map((object) => deletionOf(resource, object));
  const message = 'CustomResource deletion is in progress';
  const status = withCondition(definition.status ?? {}, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress', message }, now);
  return { mutations: [...statusUpdate(DEFINITIONS, definition, status), ...deletions] };
}

/** The others of its group may wait for a name that it has given up. */
function ofSameGroup({ key, object, type, previous }: Change<CustomResourceDefinition>, state: State): Key[] {
  if (type !== 'DELETED' && previous?.status?.acceptedNames === object.status?.acceptedNames) return [];
  return state
    .list(DEFINITIONS)
    .filter(({ spec }) => spec.group === object.spec.group)
    .map(({ metadata }) => keyOf(DEFINITIONS, undefined, metadata.name))
    .filter((other) => other !== key);
}

/** A definition that waits for its last object to go is named after their resource. */
function definitionOf({ key, type }: Change, state: State): Key[] {
  if (type !== 'DELETED') return [];
  const { resource } = parseKey(key);
  return state.get(DEFINITIONS, undefined, resource)?.metadata.deletionTimestamp ? [keyOf(DEFINITIONS, undefined, resource)] : [];
}
