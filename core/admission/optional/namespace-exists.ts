import { notFound } from '../../kube/status.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** Nothing is written, changed or deleted in a namespace that does not exist (plugin/pkg/admission/namespace/exists). */
export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists',
  validate({ operation, namespace, state }) {
    if (operation === 'CONNECT' || namespace === undefined || state.get('namespaces', undefined, namespace)) return;
    throw notFound({ group: '', resource: 'namespaces' }, namespace);
  },
};
