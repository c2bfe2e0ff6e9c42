import { invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { validateStandardFinalizer } from '../../kube/validation/metadata.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { Namespace } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** Held back by `spec.finalizers` until the namespace controller has emptied it (pkg/registry/core/namespace/strategy.go). */
export const strategy: Strategy<Namespace> = {
  nameFormat: 'label',
  resetFields: { finalize: [['status']] },

  defaults({ metadata }) {
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },

  prepareForCreate(namespace) {
    // Only after the name has been generated is the label known.
    strategy.defaults!(namespace);
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { ...namespace.spec, finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
    namespace.status = { phase: 'Active' };
  },

  prepareForUpdate(namespace, previous, _context, subresource) {
    // A client that leaves the finalizers out of an update does not mean to take them off: that has its own subresource.
    if (subresource !== 'finalize') namespace.spec = { ...namespace.spec, finalizers: previous.spec?.finalizers };
  },

  validate: ({ spec }, previous) => (previous ? [] : (spec?.finalizers ?? []).flatMap((finalizer) => validateFinalizer(finalizer, 'spec.finalizers'))),

  // Only the subresource changes them.
  validateUpdate: ({ spec }, _previous, subresource) =>
    (spec?.finalizers ?? []).flatMap((finalizer, i) => validateFinalizer(finalizer, subresource === 'finalize' ? `spec.finalizers[${i}]` : 'spec.finalizers')),

  validateStatusUpdate({ metadata, status }) {
    const [phase, when] = metadata.deletionTimestamp ? ['Terminating', 'is not empty'] : ['Active', 'is empty'];
    return status?.phase === phase ? [] : [invalidValue('status.Phase', status?.phase ?? '', `may only be '${phase}' if \`deletionTimestamp\` ${when}`)];
  },

  pendingDeletion: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,

  markDeleted(namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },

  selectableFields: {
    'status.phase': ({ status }) => status?.phase ?? '',
    name: ({ metadata }) => metadata.name,
  },

  table: {
    columns: [nameColumn, column('Status', 'string', 'The status of the namespace'), ageColumn],
    cells: (namespace, now) => [namespace.metadata.name, namespace.status?.phase ?? '', ageOf(namespace, now)],
  },
};

const validateFinalizer = (finalizer: string, path: string) => [
  ...invalidValues(path, finalizer, qualifiedName(finalizer)),
  ...validateStandardFinalizer(finalizer, path),
];
