import type { GroupResource } from '../kube/object.ts';
import type { EventObject, Kinds } from '../schema/generated/kinds.ts';
import { strategy as mutatingAdmissionPolicies } from './admissionregistration/mutatingadmissionpolicy.ts';
import { strategy as mutatingAdmissionPolicyBindings } from './admissionregistration/mutatingadmissionpolicybinding.ts';
import { strategy as mutatingWebhookConfigurations } from './admissionregistration/mutatingwebhookconfiguration.ts';
import { strategy as validatingAdmissionPolicies } from './admissionregistration/validatingadmissionpolicy.ts';
import { strategy as validatingAdmissionPolicyBindings } from './admissionregistration/validatingadmissionpolicybinding.ts';
import { strategy as validatingWebhookConfigurations } from './admissionregistration/validatingwebhookconfiguration.ts';
import { strategy as customResourceDefinitions } from './apiextensions/customresourcedefinition.ts';
import { strategy as apiServices } from './apiregistration/apiservice.ts';
import { strategy as controllerRevisions } from './apps/controllerrevision.ts';
import { strategy as daemonSets } from './apps/daemonset.ts';
import { strategy as deployments } from './apps/deployment.ts';
import { strategy as replicaSets } from './apps/replicaset.ts';
import { strategy as statefulSets } from './apps/statefulset.ts';
import { strategy as horizontalPodAutoscalers } from './autoscaling/horizontalpodautoscaler.ts';
import { strategy as cronJobs } from './batch/cronjob.ts';
import { strategy as jobs } from './batch/job.ts';
import { strategy as certificateSigningRequests } from './certificates/certificatesigningrequest.ts';
import { strategy as leases } from './coordination/lease.ts';
import { strategy as bindings } from './core/binding.ts';
import { strategy as componentStatuses } from './core/componentstatus.ts';
import { strategy as configMaps } from './core/configmap.ts';
import { strategy as endpoints } from './core/endpoints.ts';
import { strategy as events } from './core/event.ts';
import { strategy as limitRanges } from './core/limitrange.ts';
import { strategy as namespaces } from './core/namespace.ts';
import { strategy as nodes } from './core/node.ts';
import { strategy as persistentVolumes } from './core/persistentvolume.ts';
import { strategy as persistentVolumeClaims } from './core/persistentvolumeclaim.ts';
import { strategy as pods } from './core/pod.ts';
import { strategy as podTemplates } from './core/podtemplate.ts';
import { strategy as replicationControllers } from './core/replicationcontroller.ts';
import { strategy as resourceQuotas } from './core/resourcequota.ts';
import { strategy as secrets } from './core/secret.ts';
import { strategy as services } from './core/service.ts';
import { strategy as serviceAccounts } from './core/serviceaccount.ts';
import { strategy as endpointSlices } from './discovery/endpointslice.ts';
import { strategy as eventsOfTheirGroup } from './events/event.ts';
import { strategy as flowSchemas } from './flowcontrol/flowschema.ts';
import { strategy as priorityLevelConfigurations } from './flowcontrol/prioritylevelconfiguration.ts';
import { strategy as ingresses } from './networking/ingress.ts';
import { strategy as ingressClasses } from './networking/ingressclass.ts';
import { strategy as ipAddresses } from './networking/ipaddress.ts';
import { strategy as networkPolicies } from './networking/networkpolicy.ts';
import { strategy as serviceCIDRs } from './networking/servicecidr.ts';
import { strategy as runtimeClasses } from './node/runtimeclass.ts';
import { strategy as podDisruptionBudgets } from './policy/poddisruptionbudget.ts';
import { strategy as clusterRoles } from './rbac/clusterrole.ts';
import { strategy as clusterRoleBindings } from './rbac/clusterrolebinding.ts';
import { strategy as roles } from './rbac/role.ts';
import { strategy as roleBindings } from './rbac/rolebinding.ts';
import { strategy as deviceClasses } from './resource/deviceclass.ts';
import { strategy as resourceClaims } from './resource/resourceclaim.ts';
import { strategy as resourceClaimTemplates } from './resource/resourceclaimtemplate.ts';
import { strategy as resourceSlices } from './resource/resourceslice.ts';
import { strategy as priorityClasses } from './scheduling/priorityclass.ts';
import { strategy as csiDrivers } from './storage/csidriver.ts';
import { strategy as csiNodes } from './storage/csinode.ts';
import { strategy as csiStorageCapacities } from './storage/csistoragecapacity.ts';
import { strategy as storageClasses } from './storage/storageclass.ts';
import { strategy as volumeAttachments } from './storage/volumeattachment.ts';
import { strategy as volumeAttributesClasses } from './storage/volumeattributesclass.ts';
import type { Strategy } from './strategy.ts';

/** What each kind means, by its resource. A resource that is not in here has objects that are checked against the schema and kept. */
export const strategies: Readonly<Partial<Record<GroupResource, Strategy>>> = {
  bindings,
  componentstatuses: componentStatuses,
  configmaps: configMaps,
  endpoints,
  events,
  'events.events.k8s.io': eventsOfTheirGroup,
  limitranges: limitRanges,
  namespaces,
  nodes,
  persistentvolumeclaims: persistentVolumeClaims,
  persistentvolumes: persistentVolumes,
  pods,
  podtemplates: podTemplates,
  replicationcontrollers: replicationControllers,
  resourcequotas: resourceQuotas,
  secrets,
  serviceaccounts: serviceAccounts,
  services,
  'deployments.apps': deployments,
  'replicasets.apps': replicaSets,
  'statefulsets.apps': statefulSets,
  'daemonsets.apps': daemonSets,
  'controllerrevisions.apps': controllerRevisions,
  'jobs.batch': jobs,
  'cronjobs.batch': cronJobs,
  'storageclasses.storage.k8s.io': storageClasses,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClasses,
  'volumeattachments.storage.k8s.io': volumeAttachments,
  'csidrivers.storage.k8s.io': csiDrivers,
  'csinodes.storage.k8s.io': csiNodes,
  'csistoragecapacities.storage.k8s.io': csiStorageCapacities,
  'roles.rbac.authorization.k8s.io': roles,
  'clusterroles.rbac.authorization.k8s.io': clusterRoles,
  'rolebindings.rbac.authorization.k8s.io': roleBindings,
  'clusterrolebindings.rbac.authorization.k8s.io': clusterRoleBindings,
  'poddisruptionbudgets.policy': podDisruptionBudgets,
  'priorityclasses.scheduling.k8s.io': priorityClasses,
  'leases.coordination.k8s.io': leases,
  'runtimeclasses.node.k8s.io': runtimeClasses,
  'ingresses.networking.k8s.io': ingresses,
  'ingressclasses.networking.k8s.io': ingressClasses,
  'networkpolicies.networking.k8s.io': networkPolicies,
  'ipaddresses.networking.k8s.io': ipAddresses,
  'servicecidrs.networking.k8s.io': serviceCIDRs,
  'endpointslices.discovery.k8s.io': endpointSlices,
  'horizontalpodautoscalers.autoscaling': horizontalPodAutoscalers,
  'flowschemas.flowcontrol.apiserver.k8s.io': flowSchemas,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': priorityLevelConfigurations,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequests,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': validatingWebhookConfigurations,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': mutatingWebhookConfigurations,
  'validatingadmissionpolicies.admissionregistration.k8s.io': validatingAdmissionPolicies,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': validatingAdmissionPolicyBindings,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': mutatingAdmissionPolicies,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': mutatingAdmissionPolicyBindings,
  'customresourcedefinitions.apiextensions.k8s.io': customResourceDefinitions,
  'apiservices.apiregistration.k8s.io': apiServices,
  'resourceclaims.resource.k8s.io': resourceClaims,
  'resourceclaimtemplates.resource.k8s.io': resourceClaimTemplates,
  'deviceclasses.resource.k8s.io': deviceClasses,
  'resourceslices.resource.k8s.io': resourceSlices,
} satisfies { readonly [R in keyof Kinds]?: Strategy<Kinds[R]> } & { readonly 'events.events.k8s.io': Strategy<EventObject> };
