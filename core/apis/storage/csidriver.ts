import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, notSupported } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { CSIDriver, CSIDriverSpec, StorageTokenRequest } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** storage.k8s.io/v1 CSIDriver: what a driver of volumes wants of the cluster. */
export const strategy: Strategy<CSIDriver> = {
  unconditionalUpdate: false,
  defaults(driver) {
    driver.spec ??= {};
    const { spec } = driver;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  },
  validate: ({ spec = {} }) => validateSpec(spec),
  // `attachedRequired` is what Kubernetes calls it here.
  validateUpdate: ({ spec }, previous) => [
    ...immutable('spec.attachedRequired', spec.attachRequired, previous.spec.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, previous.spec.volumeLifecycleModes),
  ],
  prepareForCreate: dropSchedulingGate,
  prepareForUpdate(driver, previous) {
    dropSchedulingGate(driver);
    // A new driver has no generation.
    if (!same(driver.spec, previous.spec)) driver.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  },
  warnings: ({ spec }, previous) =>
    spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined && !same(spec.tokenRequests, previous?.spec.tokenRequests)
      ? [TOKENS_IN_SECRETS]
      : [],
  table: {
    columns: [
      nameColumn,
      column(
        'AttachRequired',
        'boolean',
        'attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates the volumeattachment status when the attach operation is complete. If the value is specified to false, the attach operation will be skipped. Otherwise the attach operation will be called.\n\nThis field is immutable.',
      ),
      column(
        'PodInfoOnMount',
        'boolean',
        'podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.\n\nThe CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for parsing and validating the information passed in as VolumeContext.\n\nThe following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but the prefix will be used. "csi.storage.k8s.io/pod.name": pod.Name "csi.storage.k8s.io/pod.namespace": pod.Namespace "csi.storage.k8s.io/pod.uid": string(pod.UID) "csi.storage.k8s.io/ephemeral": "true" if the volume is an ephemeral inline volume\n                                defined by a CSIVolumeSource, otherwise "false"\n\n"csi.storage.k8s.io/ephemeral" is a new feature in Kubernetes 1.16. It is only required for drivers which support both the "Persistent" and "Ephemeral" VolumeLifecycleMode. Other drivers can leave pod info disabled and/or ignore this field. As Kubernetes 1.15 doesn\'t support this field, drivers can only support one mode when deployed on such a cluster and the deployment determines which mode that is, for example via a command line parameter of the driver.\n\nThis field was immutable in Kubernetes < 1.29 and now is mutable.',
      ),
      column(
        'StorageCapacity',
        'boolean',
        'storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.\n\nThe check can be enabled immediately when deploying a driver. In that case, provisioning new volumes with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity object.\n\nAlternatively, the driver can be deployed with the field unset or false and it can be flipped later when storage capacity information has been published.\n\nThis field was immutable in Kubernetes <= 1.22 and now is mutable.',
      ),
      column(
        'TokenRequests',
        'string',
        "tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to do necessary authentication.",
      ),
      column(
        'RequiresRepublish',
        'boolean',
        'requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume.',
      ),
      column('Modes', 'string', 'volumeLifecycleModes defines what kind of volumes this CSI volume driver supports.'),
      ageColumn,
    ],
    cells: (driver, now) => {
      const { spec } = driver;
      return [
        driver.metadata.name,
        spec.attachRequired ?? true,
        spec.podInfoOnMount ?? false,
        spec.storageCapacity ?? false,
        spec.tokenRequests ? spec.tokenRequests.map(({ audience }) => audience).join(',') : '<unset>',
        spec.requiresRepublish ?? false,
        spec.volumeLifecycleModes?.join(',') || '<none>',
        ageOf(driver, now),
      ];
    },
  },
};

const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const MODES = ['Persistent', 'Ephemeral'];

const TOKENS_IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

/** The feature gate VolumeLimitScaling is off. */
function dropSchedulingGate({ spec }: CSIDriver): void {
  delete spec?.preventPodSchedulingIfMissing;
}

const validateSpec = ({
  fsGroupPolicy,
  tokenRequests = [],
  volumeLifecycleModes = [],
  nodeAllocatableUpdatePeriodSeconds: period,
  serviceAccountTokenInSecrets: inSecrets,
}: CSIDriverSpec): FieldError[] => [
  ...(fsGroupPolicy === undefined || FS_GROUP_POLICIES.includes(fsGroupPolicy) ? [] : [notSupported('spec.fsGroupPolicy', fsGroupPolicy, FS_GROUP_POLICIES)]),
  ...validateTokenRequests(tokenRequests),
  ...volumeLifecycleModes.flatMap((mode) => (MODES.includes(mode) ? [] : [notSupported('spec.volumeLifecycleModes', mode, MODES)])),
  ...(period !== undefined && period < 10
    ? [invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
    : []),
  ...(inSecrets !== undefined && !tokenRequests.length
    ? [invalidValue('spec.serviceAccountTokenInSecrets', inSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified')]
    : []),
];

function validateTokenRequests(requests: readonly StorageTokenRequest[]): FieldError[] {
  const repeated = repeats(requests, ({ audience }) => audience);
  return requests.flatMap((request, i) => validateTokenRequest(request, `spec.tokenRequests[${i}]`, repeated.has(i)));
}

function validateTokenRequest({ audience, expirationSeconds: seconds }: StorageTokenRequest, path: string, repeated: boolean): FieldError[] {
  if (repeated) return [duplicate(`${path}.audience`, audience)];
  if (seconds === undefined) return [];
  if (seconds < 600) return [invalidValue(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > 2 ** 32 ? [invalidValue(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds')] : [];
}
