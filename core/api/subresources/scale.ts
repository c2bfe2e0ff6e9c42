import type { Mutation } from '../../apis/mutation.ts';
import { SCALE, scaleOf } from '../../apis/scale.ts';
import { checkUid } from '../../decide/preconditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { invalid, modifiedConflict, notFound } from '../../kube/status.ts';
import { nonNegative } from '../../kube/validation/field.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Scale } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { readOffset } from '../query/list-options.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { stateFor } from '../request/reading.ts';
import { apply } from '../verbs/apply.ts';
import { isApply, patcher } from '../verbs/patch.ts';
import { checkName } from '../verbs/update.ts';
import type { Write } from '../write.ts';

/** `autoscaling/v1 Scale`: how many replicas a workload has and should have, the same for all kinds that have any (pkg/registry/apps/deployment/storage, ScaleREST). */

const type: BodyType = { gvk: SCALE, type: schemaOf('io.k8s.api.autoscaling.v1.Scale')! };

export async function getScale(call: ReadCall): Promise<Response> {
  const state = await stateFor(call, { atLeast: readOffset(call.query.get('resourceVersion')) });
  return answerWith(call, scaleOf(current(call, state), call.target.storage));
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
  return { dryRun, plan, answer: ([written]) => answerWith(call, scaleOf(written!.object, call.target.storage)) };
}

function changeScale(call: WriteCall, change: (scale: Scale) => Scale, { dryRun }: WriteOptions): Write {
  const manager = fieldManagerOf(call);
  const plan = (state: State): Mutation[] => {
    const object = current(call, state);
    const scale = change(scaleOf(object, call.target.storage));
    checkName(call, scale);
    checkPreconditions(call, scale, object);
    const replicas = scale.spec?.replicas ?? 0;
    const errors = nonNegative('spec.replicas', replicas);
    if (errors.length > 0) throw invalid(type.gvk, scale.metadata.name, errors);
    const { scale: where } = call.target.storage.strategy;
    return [{ type: 'update', resource: call.target.storage.groupResource, object: where!.withReplicas(object, replicas), manager }];
  };
  return { dryRun, plan, answer: ([written]) => answerWith(call, scaleOf(written!.object, call.target.storage)) };
}

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
