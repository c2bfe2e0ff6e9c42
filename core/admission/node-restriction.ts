import { apiObjectsOf } from '../apis/core/pod-references.ts';
import { nodeNameOf } from '../auth/node-identity.ts';
import { goValue } from '../kube/go-value.ts';
import { same } from '../kube/object.ts';
import { notFound } from '../kube/status.ts';
import { goDiff } from '../kube/unified-diff.ts';
import type { CertificateSigningRequest, Node, PersistentVolumeClaim, Pod, ResourceSlice, TokenRequest } from '../schema/generated/kinds.ts';
import { certificateRequestOf } from '../x509/certificate-request.ts';
import { forbiddenLabels } from './node-labels.ts';
import { audienceProblem } from './node-token-audience.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from './plugin.ts';

/**
 * Holds a node to what is its own: its Node, its Lease and CSINode, the pods bound to it, tokens for these (Kubernetes documentation, "Admission Control", NodeRestriction;
 * plugin/pkg/admission/noderestriction). What a node may do at all the node authorizer says. The simulated kubelets of a cluster are held to it too.
 */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  mutate(review) {
    const node = nodeNameOf(review.user);
    if (node === undefined || review.operation === 'CONNECT') return;
    if (node === '') throw refusal(review, `could not determine node from user ${JSON.stringify(review.user.username)}`);
    const { groupResource } = review.resource;
    const why = Object.hasOwn(restrictions, groupResource) ? restrictions[groupResource]!(review, node) : undefined;
    if (why !== undefined) throw refusal(review, why);
  },
};

/** Says why a node may not write this; undefined: it may. */
type Restriction = (review: AdmissionReview, node: string) => string | undefined;

/** By resource. */
const restrictions: Readonly<Record<string, Restriction>> = {
  pods: (review, node) => {
    switch (review.subresource) {
      case undefined:
        return onPod(review, node);
      case 'status':
        return onPodStatus(review, node);
      case 'eviction':
        return onEviction(review, node);
      default:
        return `unexpected pod subresource ${JSON.stringify(review.subresource)}, only 'status' and 'eviction' are allowed`;
    }
  },
  nodes: onNode,
  persistentvolumeclaims: (review, node) => (review.subresource === 'status' ? onClaimStatus(review, node) : 'may only update PVC status'),
  serviceaccounts: (review, node) => (review.operation === 'CREATE' && review.subresource === 'token' ? onToken(review, node) : undefined),
  'leases.coordination.k8s.io': ({ namespace, name }, node) => {
    if (namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace';
    return name === node ? undefined : 'can only access node lease with the same name as the requesting node';
  },
  'csinodes.storage.k8s.io': ({ name }, node) => (name === node ? undefined : 'can only access CSINode with the same name as the requesting node'),
  'resourceslices.resource.k8s.io': ({ operation, object, old }, node) => {
    if (operation === 'UPDATE' || ((object ?? old) as ResourceSlice).spec?.nodeName === node) return undefined;
    return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`;
  },
  'certificatesigningrequests.certificates.k8s.io': ({ operation, object }, node) =>
    operation === 'CREATE' ? onSigningRequest(object as CertificateSigningRequest, node) : undefined,
  // Of a feature that Kubernetes 1.36 does not turn on by itself.
  'podcertificaterequests.certificates.k8s.io': () => 'PodCertificateRequest feature gate is disabled',
};

function onPod({ operation, object, old, state }: AdmissionReview, node: string): string | undefined {
  switch (operation) {
    case 'CREATE':
      return onMirrorPod(object as Pod, node, state.get('nodes', undefined, node));
    case 'DELETE':
      return (old as Pod).spec?.nodeName === node ? undefined : `node ${JSON.stringify(node)} can only delete pods with spec.nodeName set to itself`;
    default:
      return `unexpected operation "${operation}", node ${JSON.stringify(node)} can only create and delete mirror pods`;
  }
}

/** A node shows what it runs by itself, and nothing that would get it more. Throws 404 as long as it has not registered. */
function onMirrorPod({ metadata, spec }: Pod, node: string, registered: Node | undefined): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (metadata.annotations?.[MIRROR] === undefined) return `pod does not have ${JSON.stringify(MIRROR)} annotation, ${who} can only create mirror pods`;
  if (spec?.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const [owner, another] = metadata.ownerReferences ?? [];
  if (another) return `${who} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    return `${who} can only create pods with an owner reference set to itself`;
  }
  if (!owner.controller) return `${who} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`;
  if (!registered) throw notFound({ group: '', resource: 'node' }, node);
  if (owner.uid !== registered.metadata.uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${registered.metadata.uid}`;
  const referred = apiObjectsOf(spec);
  return referred && `${who} can not create pods that reference ${referred}`;
}

const MIRROR = 'kubernetes.io/config.mirror';

function onPodStatus({ operation, object, old }: AdmissionReview, node: string): string | undefined {
  if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
  const who = `node ${JSON.stringify(node)}`;
  const [before, after] = [old as Pod, object as Pod];
  if (before.spec?.nodeName !== node) return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  if (!same(before.metadata.labels ?? {}, after.metadata.labels ?? {})) return `${who} cannot update labels through pod status`;
  if (!same(before.status?.resourceClaimStatuses ?? [], after.status?.resourceClaimStatuses ?? [])) return `${who} cannot update resource claim statues`;
  if (!same(before.status?.extendedResourceClaimStatus, after.status?.extendedResourceClaimStatus)) {
    return `${who} cannot update extended resource claim status`;
  }
  return undefined;
}

/** Throws 404. */
function onEviction({ operation, namespace, name, state }: AdmissionReview, node: string): string | undefined {
  if (operation !== 'CREATE') return `unexpected operation ${operation}`;
  const pod = state.get('pods', namespace, name);
  if (!pod) throw notFound({ group: '', resource: 'pod' }, name);
  return pod.spec?.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
}

function onNode({ operation, name, object, old }: AdmissionReview, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`;
  if (operation === 'DELETE') return undefined;
  const [before, after] = [old as Node | undefined, object as Node];
  const { configSource } = after.spec ?? {};
  const labels = forbiddenLabels(after.metadata.labels, before?.metadata.labels);
  if (!before) {
    if (configSource) return `${who} is not allowed to create pods with a non-nil configSource`;
    return labels.length > 0 ? `${who} is not allowed to set the following labels: ${labels.join(', ')}` : undefined;
  }
  if (configSource && !same(configSource, before.spec?.configSource)) return `${who} is not allowed to update configSource to a new non-nil configSource`;
  if (!same(after.spec?.taints ?? [], before.spec?.taints ?? [])) return `${who} is not allowed to modify taints`;
  if (!same(after.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) return `${who} is not allowed to modify ownerReferences`;
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined;
}

function onClaimStatus({ operation, object, old }: AdmissionReview, node: string): string | undefined {
  if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
  const [before, after] = [old, object].map((claim) => withoutNodesOwn(claim as PersistentVolumeClaim));
  if (same(before, after)) return undefined;
  const difference = goDiff(goValue('core.PersistentVolumeClaim', before), goValue('core.PersistentVolumeClaim', after));
  return `node ${JSON.stringify(node)} is not allowed to update fields other than status.quantity and status.conditions: ${difference}`;
}

/** A claim without what a node may say of it, and without which version of it is written. */
function withoutNodesOwn({ metadata, status, ...claim }: PersistentVolumeClaim): Partial<PersistentVolumeClaim> {
  const { resourceVersion: _v, managedFields: _m, ...kept } = metadata;
  const { capacity: _c, conditions: _o, allocatedResources: _r, allocatedResourceStatuses: _s, ...rest } = status ?? {};
  return { ...claim, metadata: kept, status: rest };
}

/** A token is bound to a pod that runs on the node, and for an audience that the pod asks for. Throws 404. */
function onToken(review: AdmissionReview, node: string): string | undefined {
  const { namespace, state } = review;
  const { boundObjectRef, audiences = [] } = (review.object as TokenRequest).spec ?? {};
  const { apiVersion, kind, name, uid } = boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) return 'node requested token not bound to a pod';
  if (!uid) return 'node requested token with a pod binding without a uid';
  const pod = state.get('pods', namespace, name);
  if (!pod) throw notFound({ group: '', resource: 'pod' }, name);
  if (uid !== pod.metadata.uid) {
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  return audienceProblem({ ...review, account: review.name }, pod, audiences);
}

/** A node asks for certificates of its own name alone; the signers of kubelets look at the rest. */
function onSigningRequest({ spec: { signerName, request } }: CertificateSigningRequest, node: string): string | undefined {
  if (!KUBELET_SIGNERS.has(signerName)) return undefined;
  let commonName: string;
  try {
    ({ commonName } = certificateRequestOf(request).subject);
  } catch (error) {
    return `unable to parse csr: ${(error as Error).message}`;
  }
  return commonName === `system:node:${node}` ? undefined : `can only create a node CSR with CN=system:node:${node}`;
}

const KUBELET_SIGNERS: ReadonlySet<string> = new Set(['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']);
