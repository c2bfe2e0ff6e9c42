import type { Binding } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/** A pod knows the zone and the region that it runs in: its binding carries the labels of the node (plugin/pkg/admission/podtopologylabels). */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  mutate(review) {
    const { operation, resource, subresource, object, state } = review;
    if (resource.groupResource !== 'pods' || operation !== 'CREATE') return;
    const node = subresource === 'binding' ? boundTo(object as Binding) : writeTo(review, 'pods', 'CREATE')?.object.spec?.nodeName;
    const labels = node ? topologyOf(node, state) : undefined;
    // What the pod says of its place itself is overwritten.
    if (labels) object!.metadata.labels = { ...object!.metadata.labels, ...labels };
  },
};

const boundTo = ({ target }: Binding): string | undefined => (target.kind === 'Node' ? target.name : undefined);

function topologyOf(node: string, state: State): Record<string, string> | undefined {
  const of = state.get('nodes', undefined, node)?.metadata.labels;
  let labels: Record<string, string> | undefined;
  for (const name of ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']) {
    const value = of?.[name];
    if (value !== undefined) labels = { ...labels, [name]: value };
  }
  return labels;
}
