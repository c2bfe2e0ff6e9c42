import type { DeleteMutation } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import { forbidden, notFound } from '../kube/status.ts';
import type { Draft } from './outcome.ts';

/** The admission plugin NamespaceLifecycle (apiserver/pkg/admission/plugin/namespace/lifecycle), which every cluster runs. */

/** Objects come into namespaces that exist and stay. Throws 404, 403. */
export function admitToNamespace(object: KubeObject, { resource, state }: Draft): void {
  const { namespace, name, generateName } = object.metadata;
  const into = state.get('namespaces', undefined, namespace!);
  if (!into) throw notFound({ group: '', resource: 'namespaces' }, namespace ?? '');
  if (!into.metadata.deletionTimestamp) return;
  const refused = forbidden(
    resource,
    name || generateName || 'Unknown',
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  refused.status.details!.causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
  throw refused;
}

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** The namespaces that a cluster cannot do without. Throws 403. */
export function admitDeletion({ resource, name }: DeleteMutation): void {
  if (resource === 'namespaces' && IMMORTAL.has(name)) throw forbidden({ group: '', resource }, name, 'this namespace may not be deleted');
}
