import { classOf } from '../../apis/core/claim-class.ts';
import { referenceTo } from '../../apis/core/claim-reference.ts';
import { creation } from '../../apis/mutation.ts';
import type { StorageDriver, VolumeRequest } from '../../apis/storage/drivers/driver.ts';
import { driverNamed, successorOf } from '../../apis/storage/drivers/registry.ts';
import { formatQuantity, value } from '../../kube/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';
import { DRIVER_USER, provisionerComponent } from './driver-user.ts';
import { type Said, sayOnce } from './said-once.ts';
import { SNAPSHOTS, type VolumeSnapshot } from './volume-snapshots.ts';
import { ZONE, zoneFor } from './zones.ts';

export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
export const MIGRATED_TO = 'pv.kubernetes.io/migrated-to';
/** A volume stays until its driver has deleted what is behind it. */
export const PROVISIONER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

type Context = ControllerContext<PersistentVolumeClaim>;

/** Makes the volumes that the binder asks for and that one of the drivers here serves (kubernetes-csi/external-provisioner). */
export const volumeProvisioner: Controller<PersistentVolumeClaim> = {
  name: 'csi-provisioner',
  actor: DRIVER_USER,
  resource: 'persistentvolumeclaims',
  watches: {
    'storageclasses.storage.k8s.io': ({ object }, state) => state.keys(provisionerClaims, `class ${object.metadata.name}`),
    'volumeattributesclasses.storage.k8s.io': ({ object }, state) => state.keys(provisionerClaims, `attributes ${object.metadata.name}`),
    '*': ({ key, object: { metadata } }, state) =>
      key.startsWith(`${SNAPSHOTS}/`) ? state.keys(provisionerClaims, `snapshot ${metadata.namespace}/${metadata.name}`) : [],
  },
  reconcile(context) {
    const { object: claim, state } = context;
    if (!claim?.spec || claim.spec.volumeName || claim.metadata.deletionTimestamp) return nothing;
    const driver = driverNamed(claim.metadata.annotations?.[STORAGE_PROVISIONER]);
    const storageClass = state.get('storageclasses.storage.k8s.io', undefined, classOf(claim) ?? '');
    if (!driver || !storageClass || driverNamed(storageClass.provisioner) !== driver) return nothing;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && !selected) return nothing;
    const name = `pvc-${claim.metadata.uid}`;
    if (state.get('persistentvolumes', undefined, name)) return nothing;
    const begun: Said = [
      'Normal',
      'Provisioning',
      `External provisioner is provisioning volume for claim "${claim.metadata.namespace}/${claim.metadata.name}"`,
    ];
    const say = (...said: Said) => sayOnce(context, { regarding: claim, component: provisionerComponent(driver, state), says: [begun, said] });
    const request = { claim, name, parameters: parametersOf(storageClass) };
    const node = selected === undefined ? undefined : state.get('nodes', undefined, selected);
    if (selected !== undefined && !node) {
      const failed = say('Warning', 'ProvisioningFailed', `failed to get target node: node "${selected}" not found`);
      return { mutations: [...failed, updateTo('persistentvolumeclaims', withoutNode(claim))] };
    }
    const refusal = prefixedProblem(storageClass) ?? snapshotProblem(claim, state) ?? attributesProblem(claim, driver, state) ?? driver.refusal(request);
    if (refusal !== undefined) {
      const failed = say('Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${refusal}`);
      return { mutations: failed };
    }
    const volume = volumeFor(request, { driver, storageClass, context, zone: zoneFor(claim, { storageClass, node, state }) });
    return { mutations: [creation('persistentvolumes', volume), ...say('Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)] };
  },
};

/** The claims that were left to a provisioner, by the class, the attributes and the snapshot that they name. */
const provisionerClaims = index(['persistentvolumeclaims'], (_key, claim) => {
  const { metadata, spec } = claim;
  if (!metadata.annotations?.[STORAGE_PROVISIONER] || spec?.volumeName) return [];
  const { kind, name } = spec?.dataSource ?? {};
  return [
    `class ${classOf(claim) ?? ''}`,
    ...(spec?.volumeAttributesClassName ? [`attributes ${spec.volumeAttributesClassName}`] : []),
    ...(kind === 'VolumeSnapshot' ? [`snapshot ${metadata.namespace}/${name}`] : []),
  ];
});

/** Parameters that the sidecars read, and the driver does not see. */
const PREFIX = 'csi.storage.k8s.io/';
const FS_TYPE = `${PREFIX}fstype`;
const SECRETS = ['provisioner', 'controller-publish', 'node-stage', 'node-publish', 'controller-expand', 'node-expand', 'default'];
const KNOWN = new Set([FS_TYPE, ...SECRETS.flatMap((use) => [`${PREFIX}${use}-secret-name`, `${PREFIX}${use}-secret-namespace`]), `${PREFIX}secret-name`]);

const parametersOf = ({ parameters = {} }: StorageClass): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).filter(([key]) => !key.startsWith(PREFIX)));

function prefixedProblem({ parameters = {} }: StorageClass): string | undefined {
  const unknown = Object.keys(parameters).find((key) => key.startsWith(PREFIX) && !KNOWN.has(key));
  return unknown && `failed to strip CSI Parameters of prefixed keys: found unknown parameter key "${unknown}" with reserved namespace ${PREFIX}`;
}

function attributesProblem({ spec }: PersistentVolumeClaim, driver: StorageDriver, state: State): string | undefined {
  const name = spec!.volumeAttributesClassName;
  if (!name) return undefined;
  const found = state.get('volumeattributesclasses.storage.k8s.io', undefined, name);
  if (!found) return `volumeattributesclass.storage.k8s.io "${name}" not found`;
  return found.driverName === driver.name
    ? driver.modificationRefusal(found.parameters ?? {})
    : `VAC ${name} referenced in PVC is for driver ${found.driverName} which does not match driver name ${driver.name}`;
}

/** A volume that is to be made of a snapshot waits for it to be taken (getSnapshotSource). */
function snapshotProblem({ metadata, spec }: PersistentVolumeClaim, state: State): string | undefined {
  const { kind, name = '' } = spec!.dataSource ?? {};
  if (kind !== 'VolumeSnapshot') return undefined;
  const snapshot = state.get(SNAPSHOTS, metadata.namespace, name) as VolumeSnapshot | undefined;
  const failed = `error getting handle for DataSource Type VolumeSnapshot by Name ${name}:`;
  if (!snapshot) return `${failed} error getting snapshot ${name} from api server: volumesnapshots.snapshot.storage.k8s.io "${name}" not found`;
  return snapshot.status?.readyToUse ? undefined : `${failed} snapshot ${name} is not Ready`;
}

function withoutNode(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { [SELECTED_NODE]: _, ...annotations } = claim.metadata.annotations ?? {};
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}

interface Provisioning {
  readonly driver: StorageDriver;
  readonly storageClass: StorageClass;
  readonly context: Context;
  readonly zone: string | undefined;
}

/** The volume as the provisioner writes it, reserved for its claim. */
function volumeFor(request: VolumeRequest, { driver, storageClass, context: { state }, zone }: Provisioning): PersistentVolume {
  const { claim, name } = request;
  const { accessModes, resources, volumeMode = 'Filesystem', volumeAttributesClassName } = claim.spec!;
  const { provisioner, parameters, mountOptions, reclaimPolicy = 'Delete' } = storageClass;
  const migrated = successorOf(provisioner) !== undefined;
  const bytes = driver.sizeOf(value(resources?.requests?.['storage'] ?? '0'));
  const fsType = volumeMode === 'Block' ? undefined : (parameters?.[FS_TYPE] ?? parameters?.['fsType'] ?? parameters?.['fstype'] ?? driver.defaultFsType);
  const handle = driver.handleOf(request);
  const secret = secretOf(storageClass);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        [PROVISIONED_BY]: provisioner,
        ...(migrated && { [MIGRATED_TO]: driver.name }),
        'volume.kubernetes.io/provisioner-deletion-secret-name': secret.name,
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': secret.namespace,
      },
      ...(reclaimPolicy === 'Delete' && { finalizers: [PROVISIONER_FINALIZER] }),
    },
    spec: {
      accessModes: accessModes!,
      capacity: { storage: formatQuantity({ nanos: BigInt(bytes) * 1_000_000_000n, format: 'BinarySI' }) },
      claimRef: referenceTo(claim),
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode,
      ...(volumeAttributesClassName && { volumeAttributesClassName }),
      ...(mountOptions && { mountOptions }),
      ...(migrated
        ? { awsElasticBlockStore: { volumeID: handle, ...(fsType && { fsType }) } }
        : {
            csi: {
              driver: driver.name,
              volumeHandle: handle,
              ...(fsType && { fsType }),
              volumeAttributes: { 'storage.kubernetes.io/csiProvisionerIdentity': identityOf(driver, state) },
            },
          }),
      ...(zone &&
        driver.isZonal(claim) && {
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] } },
        }),
    },
  };
}

const secretOf = ({ parameters = {} }: StorageClass) => ({
  name: parameters[`${PREFIX}provisioner-secret-name`] ?? '',
  namespace: parameters[`${PREFIX}provisioner-secret-namespace`] ?? '',
});

/** When the provisioner began, and which one it is. */
const identityOf = ({ name }: StorageDriver, state: State): string =>
  `${Date.parse(state.get('namespaces', undefined, 'kube-system')?.metadata.creationTimestamp ?? '1970-01-01')}-8081-${name}`;
