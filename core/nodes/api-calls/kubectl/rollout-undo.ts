import { copiedAnnotations, ownAnnotations, revisionOf } from '../../../controllers/deployment/revisions.ts';
import { controllerOf, type KubeObject, same } from '../../../kube/object.ts';
import type { ControllerRevision, Deployment, PodTemplateSpec, ReplicaSet } from '../../../schema/generated/kinds.ts';
import type { Target } from '../api-client.ts';
import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';

/** `kubectl rollout undo TYPE/NAME --to-revision=N`: back to the template of the revision before, or of that one (kubectl's pkg/polymorphichelpers). What is said of it. */
export function undo(invocation: Invocation, target: Target): string {
  const { client } = invocation;
  const object = client.get(target);
  const past = Object.hasOwn(ROLLED_BACK, target.api.groupResource) ? ROLLED_BACK[target.api.groupResource] : undefined;
  if (!past)
    throw new Failed(`error: no rollbacker has been implemented for ${JSON.stringify(`${target.api.kind}${target.api.group && `.${target.api.group}`}`)}`);
  const to = invocation.flag('to-revision') ?? '0';
  const revisions = past.revisionsOf(invocation, object).sort((a, b) => (a.number < b.number ? 1 : -1));
  const wanted = to === '0' ? revisions[1] : revisions.find(({ number }) => String(number) === to);
  if (!wanted) throw new Failed(`error: ${to === '0' ? past.nothing(target.name) : `unable to find specified revision ${to} in history`}`);
  if ((object as Deployment).spec?.paused)
    throw new Failed("error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
  const { template, annotations } = wanted;
  if (same((object as Deployment).spec!.template, template)) return `skipped rollback (current template already matches revision ${to})`;
  const patch = [
    { op: 'replace', path: '/spec/template', value: template },
    ...(annotations ? [{ op: 'add', path: '/metadata/annotations', value: annotations }] : []),
  ];
  if (!invocation.isDryRun) client.patch(target, patch, 'json', 'kubectl-rollout');
  return 'rolled back';
}

interface Revision {
  readonly number: bigint;
  readonly template: PodTemplateSpec;
  /** All that the object is to have then. None: they stay. */
  readonly annotations?: Record<string, string>;
}

interface RolledBack {
  readonly revisionsOf: (invocation: Invocation, object: KubeObject) => Revision[];
  readonly nothing: (name: string) => string;
}

const ofControllerRevisions: RolledBack = {
  revisionsOf: (invocation, object) =>
    dependents(invocation, 'controllerrevisions', object).map((each) => {
      const { revision, data } = each as ControllerRevision;
      const { $patch: _, ...template } = (data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template;
      return { number: BigInt(revision), template };
    }),
  nothing: () => 'no last revision to roll back to',
};

const ROLLED_BACK: Readonly<Record<string, RolledBack>> = {
  'deployments.apps': {
    revisionsOf: (invocation, object) =>
      dependents(invocation, 'replicasets', object).map((replicaSet) => {
        const { template } = (replicaSet as ReplicaSet).spec!;
        const { 'pod-template-hash': _, ...labels } = template!.metadata?.labels ?? {};
        return {
          number: revisionOf(replicaSet),
          template: { ...template, metadata: { ...template!.metadata, labels } },
          annotations: { ...ownAnnotations(object), ...copiedAnnotations(replicaSet) },
        };
      }),
    nothing: (name) => `no rollout history found for deployment ${JSON.stringify(name)}`,
  },
  'daemonsets.apps': ofControllerRevisions,
  'statefulsets.apps': ofControllerRevisions,
};

function dependents(invocation: Invocation, resource: string, { metadata }: KubeObject): KubeObject[] {
  const api = invocation.resource(resource);
  return invocation.client.list({ api, namespace: metadata.namespace! }, undefined).filter((each) => controllerOf(each)?.uid === metadata.uid);
}
