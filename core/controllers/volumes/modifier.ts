import type { Mutation } from '../../apis/mutation.ts';
import type { StorageDriver } from '../../apis/storage/drivers/driver.ts';
import { csiVolumeOf, driverNamed } from '../../apis/storage/drivers/registry.ts';
import { timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus, VolumeAttributesClass } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { DRIVER_USER } from './driver-user.ts';

type Context = ControllerContext<PersistentVolumeClaim>;

/** Gives a bound claim the attributes of the VolumeAttributesClass that it names now (kubernetes-csi/external-resizer, pkg/modifycontroller). */
export const volumeModifier: Controller<PersistentVolumeClaim> = {
  name: 'csi-modifier',
  actor: DRIVER_USER,
  resource: 'persistentvolumeclaims',
  watches: { 'volumeattributesclasses.storage.k8s.io': ({ object }, state) => state.keys(claimsByAttributes, object.metadata.name) },
  reconcile(context) {
    const { object: claim, state } = context;
    const name = claim?.spec?.volumeAttributesClassName;
    if (!name || claim.status?.phase !== 'Bound' || claim.status.currentVolumeAttributesClassName === name) return nothing;
    const volume = state.get('persistentvolumes', undefined, claim.spec?.volumeName ?? '');
    const driver = volume && driverNamed(csiVolumeOf(volume)?.driver);
    if (!driver) return nothing;
    const wanted = state.get('volumeattributesclasses.storage.k8s.io', undefined, name);
    return { mutations: wanted ? modify(context, { claim, volume, driver, wanted }) : statusUpdate('persistentvolumeclaims', claim, pending(claim)) };
  },
};

const claimsByAttributes = index(['persistentvolumeclaims'], (_key, { spec, status }) =>
  spec?.volumeAttributesClassName && status?.currentVolumeAttributesClassName !== spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [],
);

/** Without the class, its conditions stay as they are. */
const pending = ({ status }: PersistentVolumeClaim): PersistentVolumeClaimStatus => ({
  ...status,
  modifyVolumeStatus: { ...status!.modifyVolumeStatus, status: 'Pending' },
});

interface Modification {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  readonly driver: StorageDriver;
  readonly wanted: VolumeAttributesClass;
}

function modify(context: Context, { claim, volume, driver, wanted }: Modification): Mutation[] {
  const { name } = wanted.metadata;
  const { modifyVolumeStatus: known, ...rest } = claim.status!;
  const recorder = new EventRecorder({ state: context.state, component: `external-resizer ${driver.name}`, now: context.now, env: context.env });
  const refusal =
    wanted.driverName === driver.name
      ? driver.modificationRefusal(wanted.parameters ?? {})
      : `rpc error: code = InvalidArgument desc = VAC ${name} is for driver ${wanted.driverName}`;
  const others = (rest.conditions ?? []).filter(({ type }) => type !== 'ModifyingVolume' && type !== 'ModifyVolumeError');
  const condition = (type: string, message: string) => ({ type, status: 'True', lastTransitionTime: timestamp(context.now), message });
  if (known?.targetVolumeAttributesClassName !== name || known.status === 'Pending') {
    recorder.normal(claim, 'VolumeModify', `external resizer is modifying volume ${claim.metadata.name} with vac ${name}`);
    const status: PersistentVolumeClaimStatus = {
      ...rest,
      modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: name },
      conditions: [...others, condition('ModifyingVolume', 'ModifyVolume operation in progress.')],
    };
    return [...statusUpdate('persistentvolumeclaims', claim, status), ...recorder.mutations()];
  }
  if (refusal !== undefined) {
    if (known.status === 'Infeasible') return [];
    recorder.warning(claim, 'VolumeModifyFailed', refusal);
    const status: PersistentVolumeClaimStatus = {
      ...rest,
      modifyVolumeStatus: { status: 'Infeasible', targetVolumeAttributesClassName: name },
      conditions: [
        ...others,
        condition('ModifyVolumeError', `ModifyVolume failed with error: ${refusal}. Waiting for retry.`),
        condition('ModifyingVolume', `ModifyVolume failed with error${refusal}. Waiting for retry.`),
      ],
    };
    return [...statusUpdate('persistentvolumeclaims', claim, status), ...recorder.mutations()];
  }
  recorder.normal(claim, 'VolumeModifySuccessful', `external resizer modified volume ${claim.metadata.name} with vac ${name} successfully`);
  const { conditions: _, ...done } = rest;
  return [
    updateTo('persistentvolumes', { ...volume, spec: { ...volume.spec, volumeAttributesClassName: name } }),
    ...statusUpdate('persistentvolumeclaims', claim, { ...done, currentVolumeAttributesClassName: name, ...(others.length > 0 && { conditions: others }) }),
    ...recorder.mutations(),
  ];
}
