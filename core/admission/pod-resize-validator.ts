import { amountsOf, podRequests } from '../apis/core/pod-requests.ts';
import { same } from '../kube/object.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, refusal } from './plugin.ts';

/** A pod on a node is not resized to more than the node has, nor where the node cannot do it (plugin/pkg/admission/podresize). */
export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  validate(review) {
    const { operation, resource, subresource, state } = review;
    if (resource.groupResource !== 'pods' || subresource !== 'resize' || operation !== 'UPDATE') return;
    const pod = review.object as Pod;
    const nodeName = pod.spec?.nodeName;
    if (!nodeName || same(pod.spec, (review.old as Pod).spec)) return;
    const node = state.get('nodes', undefined, nodeName);
    if (!node) throw refusal(review, `node "${nodeName}" not found`);
    const problem = platformProblem(node) ?? capacityProblem(pod, node);
    if (!problem) return;
    const refused = refusal(review, problem.why);
    refused.status.details!.causes = [{ reason: problem.reason }];
    throw refused;
  },
};

function platformProblem({ metadata }: Node) {
  const os = metadata.labels?.['kubernetes.io/os'];
  if (os === undefined || os === 'linux') return undefined;
  return { reason: 'UnsupportedPlatform', why: `pod resize is only supported on linux nodes, node "${metadata.name}" is "${os}"` };
}

function capacityProblem(pod: Pod, { status }: Node) {
  const [requested, allocatable] = [podRequests(pod), amountsOf(status?.allocatable)];
  const exceeded = ['cpu', 'memory'].filter((name) => (requested[name] ?? 0) > (allocatable[name] ?? 0));
  if (exceeded.length === 0) return undefined;
  const texts = exceeded.map((name) => `${name}, requested: ${requested[name]}, allocatable: ${allocatable[name] ?? 0}`);
  return { reason: 'NodeCapacity', why: `node didn't have enough allocatable resources: ${texts.join('; ')}` };
}
