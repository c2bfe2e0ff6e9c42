import { creation } from '../../apis/mutation.ts';
import { type Key, keyOf, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import { type Controller, nothing } from '../controller.ts';

/** The namespaces that every cluster has. */
export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Brings back a system namespace that was deleted (pkg/controlplane/controller/systemnamespaces). The first three cannot be (admission, NamespaceLifecycle). */
export const systemNamespaceController: Controller = {
  name: 'system-namespaces-controller',
  actor: userNamed('system:apiserver'),
  watches: { namespaces: ({ key }) => (keys.includes(key) ? [key] : []) },
  // A cluster gets its first objects in one entry, before any controller looks at it.
  primaries: () => [],
  reconcile({ key, state }) {
    const { name } = parseKey(key);
    if (state.get('namespaces', undefined, name)) return nothing;
    return { mutations: [creation('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })] };
  },
};

const keys: readonly Key[] = SYSTEM_NAMESPACES.map((name) => keyOf('namespaces', undefined, name));
