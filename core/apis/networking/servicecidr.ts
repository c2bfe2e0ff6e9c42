import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { ServiceCIDR } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { parseCidr } from './cidr.ts';
import { validateCanonicalCidr } from './ip-values.ts';

/** networking.k8s.io/v1 ServiceCIDR: a range that the addresses of Services come from. */
export const strategy: Strategy<ServiceCIDR> = {
  resetFields: { status: [['metadata'], ['spec']] },
  prepareForCreate: emptyStatus(),
  statusKeeps: 'metadata',
  // An update is checked by what may change alone.
  validate: ({ spec }, previous) => (previous ? [] : validateCidrs(spec?.cidrs ?? [], 'spec.cidrs')),
  validateUpdate: ({ spec }, previous) => {
    const now = spec?.cidrs ?? [];
    const before = previous.spec?.cidrs ?? [];
    // A second range may join the first: the cluster becomes dual-stack.
    const mayGrow = before.length === 1 && now.length === 2;
    if (now.length !== before.length && !mayGrow) return [invalidValue('spec.cidrs', now, 'field is immutable')];
    return [
      ...before.flatMap((cidr, i) => (now[i] === cidr ? [] : [invalidValue(`spec.cidrs[${i}]`, now[i], 'field is immutable')])),
      ...(mayGrow ? validateCidrs(now, 'spec.cidrs') : []),
    ];
  },
  table: {
    columns: [
      nameColumn,
      column(
        'CIDRs',
        'string',
        'CIDRs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.',
      ),
      ageColumn,
    ],
    cells: (range, now) => [range.metadata.name, (range.spec?.cidrs ?? []).join(','), ageOf(range, now)],
  },
};

function validateCidrs(cidrs: readonly string[], path: string): FieldError[] {
  if (!cidrs.length) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalidValue(path, goValue('networking.ServiceCIDRSpec', { cidrs }), 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, i) => validateCanonicalCidr(`${path}[${i}]`, cidr));
  const families = cidrs.map((cidr) => parseCidr(cidr)?.family);
  if (families.length === 2 && families[0] && families[0] === families[1])
    errors.push(invalidValue(path, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'));
  return errors;
}
