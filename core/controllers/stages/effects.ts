import { parse } from 'yaml';
import { apisOf } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type Fields, fieldsOf, isFields, objectOf } from '../../kube/fields.ts';
import { type KubeObject, parseKey, same, timestamp } from '../../kube/object.ts';
import { nodeConditions } from '../../nodes/node-objects.ts';
import { NodeRoom } from '../../nodes/node-room.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import { jsonPatch } from '../../schema/patching/json-patch.ts';
import { mergePatch } from '../../schema/patching/merge-patch.ts';
import { strategicMergePatch } from '../../schema/patching/strategic-merge.ts';
import { release } from '../../schema/release.ts';
import type { Stage, Step } from '../../stages/stage.ts';
import { NEXT_STAGE, STAGE } from '../../stages/stages.ts';
import { execute } from '../../stages/template/execute.ts';
import { sprig } from '../../stages/template/sprig.ts';
import type { Functions } from '../../stages/template/syntax.ts';
import type { ControllerContext } from '../controller.ts';

/** What a Stage does to an object, its steps one after the other. Throws an Error that says what in its templates cannot be done. */
export function effectsOf(stage: Stage, object: KubeObject, context: ControllerContext<KubeObject>): Mutation[] {
  const { key, state, now, env } = context;
  const { resource } = parseKey(key);
  const recorder = new EventRecorder({ state, component: 'kwok-controller', now, env });
  const render = (template: Parameters<typeof execute>[0]) => execute(template, object, functionsFor(object, context));
  let changed = marked(object, stage);
  const subresources = new Set<string>();
  for (const step of stage.steps) {
    switch (step.type) {
      case 'event':
        recorder.record({ regarding: object, type: step.of, reason: step.reason, message: render(step.message) });
        break;
      case 'finalizers':
        changed = withFinalizers(changed, step);
        break;
      case 'delete': {
        const { namespace, name, uid } = object.metadata;
        const deletion: Mutation = { type: 'delete', resource, ...(namespace && { namespace }), name, gracePeriodSeconds: 0, preconditions: { uid: uid! } };
        return [...unfinalized(object, changed, resource), deletion, ...recorder.mutations()];
      }
      case 'patch': {
        changed = patched(changed, step, parse(render(step.template)) as unknown, context);
        subresources.add(step.subresource);
        break;
      }
    }
  }
  return [...updates(object, changed, resource, subresources), ...recorder.mutations()];
}

/** The annotations that say where the object has come to. */
function marked(object: KubeObject, { name }: Stage): KubeObject {
  const { [NEXT_STAGE]: _, ...annotations } = object.metadata.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [STAGE]: name } } };
}

function withFinalizers(object: KubeObject, { empties, adds, removes }: Extract<Step, { type: 'finalizers' }>): KubeObject {
  const { finalizers: before = [], ...metadata } = object.metadata;
  const finalizers = [...new Set([...(empties ? [] : before.filter((name) => !removes.includes(name))), ...adds])];
  return { ...object, metadata: { ...metadata, ...(finalizers.length > 0 && { finalizers }) } };
}

/** What is deleted goes without more notes than the finalizers that are taken off. */
function unfinalized(object: KubeObject, changed: KubeObject, resource: string): Mutation[] {
  if (same(object.metadata.finalizers, changed.metadata.finalizers)) return [];
  const { finalizers: _, resourceVersion: _r, ...metadata } = object.metadata;
  const { finalizers } = changed.metadata;
  return [{ type: 'update', resource, object: { ...object, metadata: { ...metadata, ...(finalizers && { finalizers }) } } }];
}

/** Where a Stage does not say how, pods and nodes are patched strategically, all else by a merge patch (KWOK's pkg/utils/lifecycle/next.go). */
function patched(object: KubeObject, { root, as }: Extract<Step, { type: 'patch' }>, value: unknown, { state }: ControllerContext<KubeObject>): KubeObject {
  const kind = apisOf(state).ofKind(object.apiVersion, object.kind)!;
  if (as === 'json') return jsonPatch(object, root === '' ? value : below(root, value));
  const content = value ?? {};
  if (!isFields(content)) throw new Error('a template has to make a map');
  const patch: Fields = root === '' ? content : { [root]: content };
  const strategic = as === undefined ? ['pods', 'nodes'].includes(kind.groupResource) : as === 'strategic' && !kind.custom;
  return strategic ? strategicMergePatch(object, patch, kind.storageVersion.type) : mergePatch(object, patch);
}

/** The operations of a JSON patch of a field, as one of the object. */
function below(root: string, operations: unknown): unknown {
  if (!Array.isArray(operations)) return operations;
  return operations.map((operation: unknown) => (isFields(operation) ? { ...operation, path: `/${root}${operation['path']}` } : operation));
}

/** The status by its subresource, the rest by the object itself. */
function updates(before: KubeObject, after: KubeObject, resource: string, subresources: ReadonlySet<string>): Mutation[] {
  const { resourceVersion: _, ...metadata } = after.metadata;
  const unversioned = { ...after, metadata };
  const { status: statusBefore, ...restBefore } = fieldsOf(before);
  const { status, ...rest } = fieldsOf(after);
  const out: Mutation[] = [];
  if (!same(restBefore, rest)) out.push({ type: 'update', resource, object: objectOf({ ...fieldsOf(unversioned), status: statusBefore }) });
  if (subresources.has('status') && !same(statusBefore, status)) out.push({ type: 'update', resource, subresource: 'status', object: unversioned });
  return out;
}

/** The functions of KWOK's templates. What is YAML there is JSON here, which is YAML too. */
function functionsFor(object: KubeObject, { state, now, assumed }: ControllerContext<KubeObject>): Functions {
  const node = (name: unknown) => state.get('nodes', undefined, String(name ?? ''));
  const addressOf = ({ status }: Node) => status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const nodeIP = (name: unknown) => {
    const found = node(name);
    return found ? addressOf(found) : '';
  };
  return {
    ...sprig,
    Now: () => timestamp(now),
    StartTime: () => timestamp(now),
    // As KWOK has it: of what is not there, the text `null`.
    Quote: (value) => JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value ?? null)),
    YAML: (value, indent = 0) => `${'  '.repeat(Number(indent))}${JSON.stringify(value)}`,
    Version: () => release.version,
    NodeConditions: () => nodeConditions(now),
    NodeIP: () => nodeIP(object.metadata.name),
    NodeName: () => object.metadata.name,
    NodePort: () => 10250,
    NodeIPWith: nodeIP,
    PodIP: () => '',
    PodIPWith: (name, onHost) => {
      const found = node(name);
      if (!found) return '';
      const known = (fieldsOf(object)['status'] as { podIP?: string } | undefined)?.podIP;
      return known ?? (onHost ? addressOf(found) : freeAddress(found));
    },
  };

  function freeAddress(found: Node): string {
    const room = new NodeRoom(found, state.observed(undefined));
    for (let address = room.allocateIP(); address !== undefined; address = room.allocateIP()) {
      const key = `pod-addresses//${address}`;
      if (assumed.has(key)) continue;
      assumed.add(key);
      return address;
    }
    return '';
  }
}
