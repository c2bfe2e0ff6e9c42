import { featuresToChange, undeclared } from '../apis/core/declared-features.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, refusal } from './plugin.ts';

/** A pod on a node does not become what the node's kubelet cannot make of it (plugin/pkg/admission/nodedeclaredfeatures). */
export const nodeDeclaredFeatureValidator: AdmissionPlugin = {
  name: 'NodeDeclaredFeatureValidator',
  validate(review) {
    const { operation, resource, subresource, state } = review;
    if (resource.groupResource !== 'pods' || operation !== 'UPDATE' || (subresource !== undefined && subresource !== 'resize')) return;
    const pod = review.object as Pod;
    const nodeName = pod.spec?.nodeName;
    if (!nodeName) return;
    const needed = featuresToChange(pod, review.old as Pod);
    if (needed.length === 0) return;
    const node = state.get('nodes', undefined, nodeName);
    if (!node) throw refusal(review, `node "${nodeName}" not found`);
    const missing = undeclared(needed, node);
    if (missing.length > 0) throw refusal(review, `pod update requires features ${missing.join(', ')} which are not available on node "${nodeName}"`);
  },
};
