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
  prepareForUpdate(driver, previous) {
    const counted = ({ spec: { tokenRequests, requiresRepublish, seLinuxMount } }: CSIDriver) => ({ tokenRequests, requiresRepublish, seLinuxMount });
    if (!same(counted(driver), counted(previous))) driver.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  },
  validate: ({ spec = {} }) => validateSpec(spec),
  // `attachedRequired` is what Kubernetes calls it here.
  validateUpdate: ({ spec }, previous) => [
    ...immutable('spec.attachedRequired', spec.attachRequired, previous.spec.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, previous.spec.volumeLifecycleModes),
  ],
  table: {
    columns: [
      nameColumn,
      column(
        'AttachRequired',
        'boolean',
        'attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method).',
      ),
      column(
        'PodInfoOnMount',
        'boolean',
        'podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true.',
      ),
      column(
        'StorageCapacity',
        'boolean',
        'storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report.',
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

const validateSpec = ({
  fsGroupPolicy,
  tokenRequests = [],
  volumeLifecycleModes = [],
  nodeAllocatableUpdatePeriodSeconds: period,
}: CSIDriverSpec): FieldError[] => [
  ...(fsGroupPolicy === undefined || FS_GROUP_POLICIES.includes(fsGroupPolicy) ? [] : [notSupported('spec.fsGroupPolicy', fsGroupPolicy, FS_GROUP_POLICIES)]),
  ...validateTokenRequests(tokenRequests),
  ...volumeLifecycleModes.flatMap((mode) => (MODES.includes(mode) ? [] : [notSupported('spec.volumeLifecycleModes', mode, MODES)])),
  ...(period !== undefined && period < 10
    ? [invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
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
