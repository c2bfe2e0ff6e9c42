import { ageColumn, ageOf, column, nameColumn } from '../../apis/columns.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { SCALE, scaleOf } from '../../apis/scale.ts';
import type { Table } from '../../apis/strategy.ts';
import { checkUid } from '../../decide/preconditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { internalError, invalid, modifiedConflict, notFound } from '../../kube/status.ts';
import { nonNegative } from '../../kube/validation/field.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Scale } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith, tableOptions } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { partialOf, tableOf } from '../printers/table.ts';
import { readOffset } from '../query/list-options.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { converted } from '../request/converted.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { stateFor } from '../request/reading.ts';
import type { Target } from '../request/target.ts';
import { apply } from '../verbs/apply.ts';
import { isApply, patcher } from '../verbs/patch.ts';
import { checkName } from '../verbs/update.ts';
import type { Asker, Write } from '../write.ts';

/** `autoscaling/v1 Scale`: how many replicas a workload has and should have, the same for all kinds that have any (pkg/registry/apps/deployment/storage, ScaleREST). */

const type: BodyType = { gvk: SCALE, type: schemaOf('io.k8s.api.autoscaling.v1.Scale')! };

export async function getScale(call: ReadCall): Promise<Response> {
  const state = await stateFor(call, { atLeast: readOffset(call.query.get('resourceVersion')) });
  const object = current(call, state);
  await converted(call, [object]);
  const { scale } = call.target;
  if (scale?.replicas(scaled(call.target, object)) === undefined) {
    throw internalError(`the spec replicas field ${JSON.stringify(scale?.replicasPath)} does not exist`);
  }
  return answerScale(call, object);
}

export function updateScale(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'UpdateOptions');
  const scale = objectFromBody<Scale>(call, type, options);
  checkName(call, scale);
  return changeScale(call, () => scale, options);
}

export function patchScale(call: WriteCall): Write {
  if (isApply(call)) return applyScale(call);
  const options = readWriteOptions(call.query, 'PatchOptions');
  const patched = patcher(call, type, options);
  return changeScale(call, (scale) => patched(scale) as Scale, options);
}

function applyScale(call: WriteCall): Write {
  const { plan, dryRun } = apply(call);
  return { dryRun, plan, answer: ([written]) => answerScale(call, written!.object) };
}

function changeScale(call: WriteCall, change: (scale: Scale) => Scale, { dryRun }: WriteOptions): Write {
  const { target } = call;
  const manager = fieldManagerOf(call);
  const plan = (state: State, _now: number, ask: Asker): Mutation[] | undefined => {
    const stored = current(call, state);
    if (target.versions && !target.versions.convert([stored], ask)) return undefined;
    const scale = change(shownScale(call, stored));
    checkName(call, scale);
    checkPreconditions(call, scale, stored);
    const replicas = scale.spec?.replicas ?? 0;
    // A custom object is validated where its definition says that its replicas are.
    const errors = target.resource.custom ? [] : nonNegative('spec.replicas', replicas);
    if (errors.length > 0) throw invalid(type.gvk, scale.metadata.name, errors);
    return [
      { type: 'update', resource: target.storage.groupResource, object: target.scale!.withReplicas(scaled(target, stored), replicas), scaled: true, manager },
    ];
  };
  return { dryRun, plan, answer: ([written]) => answerScale(call, written!.object) };
}

function answerScale(call: ReadCall, object: KubeObject): Response {
  const scale = shownScale(call, object);
  const { as, asVersion } = call.format;
  if (as === 'Table')
    return answerWith(call, tableOf([scale], scaleTable, { resourceVersion: scale.metadata.resourceVersion! }, { ...tableOptions(call), served: same }));
  return answerWith(call, as === 'PartialObjectMetadata' ? partialOf(scale, asVersion!) : scale);
}

const same = (scale: KubeObject) => scale;

/** pkg/printers/internalversion, printScale. */
const scaleTable: Table<Scale> = {
  columns: [
    nameColumn,
    column('Desired', 'integer', 'replicas is the desired number of instances for the scaled object.'),
    column('Available', 'integer', 'replicas is the actual number of observed instances of the scaled object.'),
    ageColumn,
  ],
  cells: (scale, now) => [scale.metadata.name, scale.spec?.replicas ?? 0, scale.status?.replicas ?? 0, ageOf(scale, now)],
};

function checkPreconditions({ target }: ReadCall, scale: KubeObject, object: KubeObject): void {
  const { uid, resourceVersion, name } = scale.metadata;
  if (resourceVersion && resourceVersion !== object.metadata.resourceVersion) throw modifiedConflict(target.resource, name);
  checkUid(uid, { of: target.resource, stored: { resource: target.storage, namespace: object.metadata.namespace, name, uid: object.metadata.uid } });
}

function current({ target, info }: ReadCall, state: State): KubeObject {
  const object = state.get(target.storage.groupResource, info.namespace, info.name!);
  if (!object) throw notFound(target.resource, info.name!);
  return object;
}

/** What the scale is of: the object in the version whose definition says where its replicas are. */
const scaled = ({ resource, fromStorage }: Target, object: KubeObject): KubeObject => (resource.custom ? fromStorage(object) : object);

/** The Scale of a stored object. */
function shownScale({ target }: Pick<ReadCall, 'target'>, stored: KubeObject): Scale {
  if (!target.scale) throw new Error(`${target.storage.groupResource} does not say how it scales`);
  return scaleOf(scaled(target, stored), target.scale);
}
