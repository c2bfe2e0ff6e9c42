import { digitsOf, GIB, invalidArgument, type StorageDriver, type VolumeRequest } from './driver.ts';

/** Amazon EBS: disks of one zone, for one node (kubernetes-sigs/aws-ebs-csi-driver, pkg/driver/controller.go and docs/parameters.md). */
export const ebs: StorageDriver = {
  name: 'ebs.csi.aws.com',
  provisioners: ['kubernetes.io/aws-ebs'],
  controller: 'ebs-csi-controller',
  spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: 'File' },
  isZonal: () => true,
  topologyKeys: ['kubernetes.io/os', 'topology.ebs.csi.aws.com/zone', 'topology.kubernetes.io/zone'],
  defaultFsType: 'ext4',
  // What a Nitro instance has for disks, network cards and local disks together (28), less its root disk and two cards.
  volumesPerNode: 25,
  isExpandable: true,
  sizeOf: (bytes) => Math.ceil(bytes / GIB) * GIB,
  refusal: (request) => capabilityProblem(request) ?? parameterProblem(request) ?? sourceProblem(request) ?? typeProblem(request),
  modificationRefusal,
  handleOf: ({ claim }) => `vol-0${digitsOf(claim)}`,
  devicePath: (index) => `/dev/xvd${letter(Math.floor(index / 26))}${letter(index % 26)}`,
};

const letter = (index: number) => String.fromCharCode('a'.charCodeAt(0) + index);

/** Several nodes may have a disk as a block device alone (isValidCapability). */
function capabilityProblem({ claim: { spec } }: VolumeRequest): string | undefined {
  const isValid = spec?.accessModes?.every((mode) => /^ReadWriteOnce(Pod)?$/.test(mode) || (mode === 'ReadWriteMany' && spec.volumeMode === 'Block'));
  return isValid ? undefined : invalidArgument('Volume capabilities not supported');
}

function parameterProblem({ parameters, claim: { spec } }: VolumeRequest): string | undefined {
  for (const [key, text] of Object.entries(parameters)) {
    const lower = key.toLowerCase();
    const number = NUMBERS[lower];
    const formatting = FORMATTING[lower];
    if (number) {
      // The driver quotes an error that it does not have.
      if (!isInt32(text)) return invalidArgument(`Could not parse invalid ${number}: <nil>`);
    } else if (formatting) {
      if (!/^[a-zA-Z0-9]*$/.test(text)) return invalidArgument(`Could not parse ${formatting} (${text}): <nil>`);
      if (spec?.volumeMode === 'Block') return invalidArgument(`Cannot use ${lower} with block volume`);
    } else if (!OTHERS.has(lower) && !key.startsWith('tagSpecification')) return invalidArgument(`Invalid parameter key ${key} for CreateVolume`);
  }
  return parameters['blockExpress'] === 'true' && parameters['type'] !== 'io2' ? invalidArgument('Block Express is only supported on io2 volumes') : undefined;
}

const NUMBERS: Readonly<Record<string, string>> = { iopspergb: 'iopsPerGB', iops: 'iops', throughput: 'throughput' };
const FORMATTING: Readonly<Record<string, string>> = {
  blocksize: 'blockSize',
  inodesize: 'inodeSize',
  bytesperinode: 'bytesPerInode',
  numberofinodes: 'numberOfInodes',
  ext4clustersize: 'ext4ClusterSize',
};
const OTHERS = new Set(['fstype', 'type', 'allowautoiopspergbincrease', 'encrypted', 'kmskeyid', 'blockexpress', 'ext4bigalloc']);

const isInt32 = (text: string) => /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647;

function sourceProblem({ claim: { spec } }: VolumeRequest): string | undefined {
  return spec?.dataSource?.kind === 'PersistentVolumeClaim' ? invalidArgument('Unsupported volumeContentSource type') : undefined;
}

function typeProblem({ parameters, name }: VolumeRequest): string | undefined {
  const type = Object.entries(parameters).find(([key]) => key.toLowerCase() === 'type')?.[1];
  return type && !TYPES.has(type) ? `rpc error: code = Internal desc = Could not create volume "${name}": invalid AWS VolumeType "${type}"` : undefined;
}

const TYPES = new Set(['gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1', 'standard', 'sbp1', 'sbg1']);

/** parseModifyVolumeParameters: what it does not know it leaves alone. */
function modificationRefusal({ iops, throughput, type }: Readonly<Record<string, string>>): string | undefined {
  if (iops !== undefined && !isInt32(iops)) return invalidArgument(`Could not parse IOPS: "${iops}"`);
  if (throughput !== undefined && !isInt32(throughput)) return invalidArgument(`Could not parse throughput: "${throughput}"`);
  return type !== undefined && !TYPES.has(type) ? invalidArgument(`invalid AWS VolumeType "${type}"`) : undefined;
}
