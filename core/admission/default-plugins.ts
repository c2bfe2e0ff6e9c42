import type { PluginConfiguration } from './admission-setting.ts';
import { certificateApproval } from './certificate-approval.ts';
import { certificateSigning } from './certificate-signing.ts';
import { certificateSubjectRestriction } from './certificate-subject-restriction.ts';
import { clusterMoments } from './cluster-moments.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { mutatingAdmissionWebhook } from './mutating-admission-webhook.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeDeclaredFeatureValidator } from './node-declared-feature-validator.ts';
import { nodeRestriction } from './node-restriction.ts';
import { alwaysPullImages } from './optional/always-pull-images.ts';
import { denyServiceExternalIPs } from './optional/deny-service-external-ips.ts';
import { eventRateLimit } from './optional/event-rate-limit.ts';
import { extendedResourceToleration } from './optional/extended-resource-toleration.ts';
import { limitPodHardAntiAffinityTopology } from './optional/limit-pod-hard-anti-affinity-topology.ts';
import { namespaceExists } from './optional/namespace-exists.ts';
import { ownerReferencesPermissionEnforcement } from './optional/owner-references-permission-enforcement.ts';
import { podNodeSelector } from './optional/pod-node-selector.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podIdentity } from './pod-identity.ts';
import { podReadinessGates } from './pod-readiness-gates.ts';
import { podResizeValidator } from './pod-resize-validator.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './resource-quota/resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { subscriptionAccess } from './subscription-access.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { validatingAdmissionWebhook } from './validating-admission-webhook.ts';

/**
 * The admission plugins that Logplane has, in the order of kube-apiserver's AllOrderedPlugins (pkg/kubeapiserver/options/plugins.go, 1.36). First each of
 * them may mutate, in this order; once the object is valid, each may refuse it.
 */
export const allPlugins = (configuration: PluginConfiguration = {}): readonly (AdmissionPlugin | Off)[] => [
  namespaceLifecycle,
  off(namespaceExists),
  off(limitPodHardAntiAffinityTopology),
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  off(alwaysPullImages),
  podSecurity(configuration.podSecurity),
  off(podNodeSelector(configuration.podNodeSelector)),
  priority,
  defaultTolerationSeconds,
  off(eventRateLimit(configuration.eventRateLimit ?? [])),
  off(extendedResourceToleration),
  defaultStorageClass,
  storageObjectInUseProtection,
  off(ownerReferencesPermissionEnforcement),
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  defaultIngressClass,
  off(denyServiceExternalIPs),
  podTopologyLabels,
  nodeDeclaredFeatureValidator,
  podResizeValidator,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  // As mutating webhooks that are called last.
  podIdentity,
  podReadinessGates,
  // Where the setting of a cluster comes to stand is the last that is found out of it.
  clusterMoments,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  // Logplane's own.
  subscriptionAccess,
  resourceQuota,
];

/** A plugin that runs only where it is enabled, as in kube-apiserver. */
export interface Off {
  readonly off: AdmissionPlugin;
}

const off = (plugin: AdmissionPlugin): Off => ({ off: plugin });

/** What runs unless an operator says otherwise (plugins.ts). */
export const defaultAdmissionPlugins: readonly AdmissionPlugin[] = allPlugins().flatMap((plugin) => ('off' in plugin ? [] : [plugin]));
