import { classOf } from '../../apis/core/claim-class.ts';
import { compareQuantities, value } from '../../kube/quantity.ts';
import type { PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import { type Amount, type Amounts, amountOf, ONE } from './amounts.ts';
import { countOf, type SummedEvaluator } from './evaluator.ts';

/** Claims to storage: how many there are and how much they ask for, in all and of each class (pkg/quota/v1/evaluator/core/persistent_volume_claims.go). */
export const claims: SummedEvaluator<PersistentVolumeClaim> = {
  resource: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  counts: (name) => name === COUNT || measured.includes(name) || measured.some((what) => name.endsWith(OF_CLASS + what)),
  handles: ({ subresource }) => subresource === undefined,
  scopesOf: ({ spec, status }) => ({
    VolumeAttributesClass: [
      ...new Set(
        [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter(
          (name): name is string => name !== undefined && name !== '',
        ),
      ),
    ],
  }),
  usageOf(claim): Amounts {
    const usage = new Map<string, Amount>([
      [COUNT, ONE],
      ['persistentvolumeclaims', ONE],
    ]);
    const size = sizeOf(claim);
    if (size) usage.set('requests.storage', size);
    const storageClass = classOf(claim);
    if (storageClass) for (const name of measured) if (usage.has(name)) usage.set(storageClass + OF_CLASS + name, usage.get(name)!);
    return usage;
  },
};

const COUNT = countOf('persistentvolumeclaims');
const measured = ['persistentvolumeclaims', 'requests.storage'];
const OF_CLASS = '.storageclass.storage.k8s.io/';

/** In whole bytes; of a claim that grows or could not, the larger size. */
function sizeOf({ spec, status }: PersistentVolumeClaim): Amount | undefined {
  const requested = spec?.resources?.requests?.['storage'];
  if (requested === undefined) return undefined;
  const allocated = status?.allocatedResources?.['storage'];
  const size = allocated !== undefined && compareQuantities(allocated, requested) > 0 ? allocated : requested;
  const amount = amountOf(size);
  return amount.nanos % ONE.nanos === 0n ? amount : { ...amount, nanos: BigInt(value(size)) * ONE.nanos };
}
