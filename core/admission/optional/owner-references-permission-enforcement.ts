import { apisOf } from '../../apis/apis.ts';
import type { Attributes, Authorization } from '../../auth/authorizer.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { groupVersionOf } from '../../kube/group-version-kind.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from '../plugin.ts';

/**
 * Who may not delete an object may not give it an owner, with which it goes; who may not change the finalizers of an owner may not hold its deletion up (Kubernetes
 * documentation, "Admission Control", OwnerReferencesPermissionEnforcement; plugin/pkg/admission/gc).
 */
export const ownerReferencesPermissionEnforcement: AdmissionPlugin = {
  name: 'OwnerReferencesPermissionEnforcement',
  validate(review) {
    const { operation, resource, subresource, object, old } = review;
    if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    // What is written to the status of a pod cannot change its owners.
    if (resource.groupResource === 'pods' && subresource === 'status') return;
    if (same(ownersOf(object), ownersOf(old))) return;
    if (operation === 'UPDATE') checkDeletion(review);
    const blocking = newlyBlocking(object, old);
    if (blocking.length === 0 || isAllowed(review, { group: '*', version: '*', resource: '*', name: '*' }).allowed) return;
    for (const owner of blocking) checkFinalizers(owner, review);
  },
};

type Owner = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

const ownersOf = (object: KubeObject | undefined): readonly Owner[] => object?.metadata.ownerReferences ?? [];

/** The owners whose deletion waits for the object, and did not before. */
function newlyBlocking(object: KubeObject, old: KubeObject | undefined): readonly Owner[] {
  const before = new Map(ownersOf(old).map((owner) => [owner.uid, owner]));
  return ownersOf(object).filter(({ uid, blockOwnerDeletion }) => blockOwnerDeletion && !before.get(uid)?.blockOwnerDeletion);
}

function checkDeletion(review: AdmissionReview): void {
  const { user, resource, subresource, namespace, name, state, version } = review;
  const attributes: Attributes = {
    user,
    verb: 'delete',
    group: resource.group,
    version,
    resource: resource.resource,
    ...(subresource && { subresource }),
    ...(namespace !== undefined && { namespace }),
    name,
  };
  const { allowed, reason } = clusterAuthorizer.authorize(attributes, state);
  if (!allowed) throw refusal(review, `cannot set an ownerRef on a resource you can't delete: ${reason ?? ''}, <nil>`);
}

function checkFinalizers({ apiVersion, kind, name }: Owner, review: AdmissionReview): void {
  const { namespace, state } = review;
  const resource = apisOf(state).ofKind(apiVersion, kind);
  const { group, version } = groupVersionOf(apiVersion);
  if (!resource) {
    const why = `no matches for kind "${kind}" in version "${apiVersion}"`;
    throw refusal(review, `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${why}`);
  }
  const scope = resource.namespaced && namespace !== undefined ? { namespace } : {};
  const { allowed, reason } = isAllowed(review, { group, version, resource: resource.resource, name, ...scope });
  if (allowed) return;
  throw refusal(review, `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason ?? ''}, <nil>`);
}

/** Whether the user may change the finalizers of an object. */
const isAllowed = (
  { user, state }: AdmissionReview,
  of: { group: string; version: string; resource: string; name: string; namespace?: string },
): Authorization => clusterAuthorizer.authorize({ user, verb: 'update', subresource: 'finalizers', ...of }, state);
