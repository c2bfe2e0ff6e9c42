import type { Mutation } from '../../apis/mutation.ts';
import { checkUid } from '../../decide/preconditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { invalid, modifiedConflict, notFound } from '../../kube/status.ts';
import { nonNegative } from '../../kube/validation/field.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import { type BodyType, objectFromBody } from '../answers/object-body.ts';
import type { Call } from '../call.ts';
import { readOffset } from '../query/list-options.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import { stateFor } from '../request/reading.ts';
import { patcher } from '../verbs/patch.ts';
import { checkName } from '../verbs/update.ts';

/** `autoscaling/v1 Scale`: how many replicas a workload has and should have, the same for all kinds that have any (pkg/registry/apps/deployment/storage, ScaleREST). */

const type: BodyType = { gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, definition: 'io.k8s.api.autoscaling.v1.Scale' };

export async function getScale(call: Call): Promise<Response> {
  const state = await stateFor(call, { atLeast: readOffset(call.query.get('resourceVersion')) });
  return answerWith(call, scaleOf(call, current(call, state)));
}

export function updateScale(call: Call): undefined {
  const options = readWriteOptions(call.query, 'UpdateOptions');
  const scale = objectFromBody(call, type, options);
  checkName(call, scale);
  changeScale(call, () => scale, options);
}

export function patchScale(call: Call): undefined {
  const options = readWriteOptions(call.query, 'PatchOptions');
  const patched = patcher(call, type, options);
  changeScale(call, (scale) => patched(scale), options);
}

function changeScale(call: Call, change: (scale: KubeObject) => KubeObject, { dryRun }: WriteOptions): void {
  const plan = (state: State): Mutation[] => {
    const object = current(call, state);
    const scale = change(scaleOf(call, object));
    checkName(call, scale);
    checkPreconditions(call, scale, object);
    const replicas = scale['spec']?.replicas ?? 0;
    const errors = nonNegative('spec.replicas', replicas);
    if (errors.length > 0) throw invalid(type.gvk, scale.metadata.name, errors);
    const { scale: where } = call.target.kept.strategy;
    return [{ type: 'update', resource: call.target.kept.groupResource, object: where!.withReplicas(object, replicas) }];
  };
  call.write = { dryRun, plan, answer: ([written]) => answerWith(call, scaleOf(call, written!.object)) };
}

function checkPreconditions({ target }: Call, scale: KubeObject, object: KubeObject): void {
  const { uid, resourceVersion, name } = scale.metadata;
  if (resourceVersion && resourceVersion !== object.metadata.resourceVersion) throw modifiedConflict(target.resource, name);
  checkUid(uid, { of: target.resource, stored: { resource: target.kept, namespace: object.metadata.namespace, name, uid: object.metadata.uid } });
}

function current({ target, asked }: Call, state: State): KubeObject {
  const object = state.get(target.kept.groupResource, asked.namespace, asked.name!);
  if (!object) throw notFound(target.resource, asked.name!);
  return object;
}

function scaleOf({ target }: Call, object: KubeObject): KubeObject {
  const { scale } = target.kept.strategy;
  if (!scale) throw new Error(`${target.kept.groupResource} does not say how it scales`);
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
