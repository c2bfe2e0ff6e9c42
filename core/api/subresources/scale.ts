import { ageColumn, ageOf, column, nameColumn } from '../../apis/columns.ts';
import type { Mutation } from '../../apis/mutation.ts';
import type { Table } from '../../apis/strategy.ts';
import { checkUid } from '../../decide/preconditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { invalid, modifiedConflict, notFound } from '../../kube/status.ts';
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
import { stateFor } from '../request/reading.ts';
import { patcher } from '../verbs/patch.ts';
import { checkName } from '../verbs/update.ts';
import type { Write } from '../write.ts';

/** `autoscaling/v1 Scale`: how many replicas a workload has and should have, the same for all kinds that have any (pkg/registry/apps/deployment/storage, ScaleREST). */

const type: BodyType = { gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, type: schemaOf('io.k8s.api.autoscaling.v1.Scale')! };

export async function getScale(call: ReadCall): Promise<Response> {
  const state = await stateFor(call, { atLeast: readOffset(call.query.get('resourceVersion')) });
  return answerScale(call, current(call, state));
}

export function updateScale(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'UpdateOptions');
  const scale = objectFromBody<Scale>(call, type, options);
  checkName(call, scale);
  return changeScale(call, () => scale, options);
}

export function patchScale(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'PatchOptions');
  const patched = patcher(call, type, options);
  return changeScale(call, (scale) => patched(scale) as Scale, options);
}

function changeScale(call: WriteCall, change: (scale: Scale) => Scale, { dryRun }: WriteOptions): Write {
  const plan = (state: State): Mutation[] => {
    const object = current(call, state);
    const scale = change(scaleOf(call, object));
    checkName(call, scale);
    checkPreconditions(call, scale, object);
    const replicas = scale.spec?.replicas ?? 0;
    const errors = nonNegative('spec.replicas', replicas);
    if (errors.length > 0) throw invalid(type.gvk, scale.metadata.name, errors);
    const { scale: where } = call.target.storage.strategy;
    return [{ type: 'update', resource: call.target.storage.groupResource, object: where!.withReplicas(object, replicas) }];
  };
  return { dryRun, plan, answer: ([written]) => answerScale(call, written!.object) };
}

function answerScale(call: ReadCall, object: KubeObject): Response {
  const scale = scaleOf(call, object);
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

function scaleOf({ target }: ReadCall, object: KubeObject): Scale {
  const { scale } = target.storage.strategy;
  if (!scale) throw new Error(`${target.storage.groupResource} does not say how it scales`);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scale.replicas(object);
  const selector = scale.selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scale.statusReplicas(object), ...(selector && { selector }) },
  };
}
