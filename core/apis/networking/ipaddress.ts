import { goValue } from '../../kube/go-value.ts';
import { immutable, invalidValues, required } from '../../kube/validation/field.ts';
import { pathSegment, subdomain } from '../../kube/validation/names.ts';
import type { IPAddress } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateCanonicalIp } from './ip-values.ts';

/** networking.k8s.io/v1 IPAddress: an address that a Service has; its name is the address. */
export const strategy: Strategy<IPAddress> = {
  nameFormat: 'path',
  validate: ({ metadata: { name }, spec }) => {
    const errors = name ? validateCanonicalIp('metadata.name', name) : [];
    const parent = spec?.parentRef;
    if (!parent) return [...errors, required('spec.parentRef')];
    if (parent.group) errors.push(...invalidValues('spec.parentRef.group', parent.group, subdomain(parent.group)));
    for (const field of ['resource', 'name'] as const) {
      const value = parent[field];
      errors.push(...(value ? invalidValues(`spec.parentRef.${field}`, value, pathSegment(value)) : [required(`spec.parentRef.${field}`)]));
    }
    if (parent.namespace) errors.push(...invalidValues('spec.parentRef.namespace', parent.namespace, pathSegment(parent.namespace)));
    return errors;
  },
  validateUpdate: ({ spec }, previous) => immutable('spec.parentRef', goValue('*networking.ParentReference', spec?.parentRef), previous.spec?.parentRef),
  table: {
    // Kubernetes answers a third cell, the age, without a column for it; the column makes clients show it.
    columns: [
      nameColumn,
      column('ParentRef', 'string', 'ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.'),
      ageColumn,
    ],
    cells: (address, now) => {
      const parent = address.spec?.parentRef;
      const resource = parent && (parent.group ? `${parent.resource}.${parent.group}` : parent.resource).toLowerCase();
      const text = parent ? [resource, parent.namespace, parent.name].filter(Boolean).join('/') : '<none>';
      return [address.metadata.name, text, ageOf(address, now)];
    },
  },
};
