import { digitsOf, invalidArgument, type StorageDriver, type VolumeRequest } from './driver.ts';

/** Amazon EFS: access points of a file system that all zones reach (kubernetes-sigs/aws-efs-csi-driver, pkg/driver/controller.go). */
export const efs: StorageDriver = {
  name: 'efs.csi.aws.com',
  controller: 'efs-csi-controller',
  spec: { attachRequired: false },
  isZonal: () => false,
  isExpandable: false,
  sizeOf: (bytes) => bytes,
  refusal: (request) => capabilityProblem(request) ?? parameterProblem(request),
  modificationRefusal: () => 'rpc error: code = Unimplemented desc = ',
  handleOf: ({ claim, parameters }) => `${parameters['fileSystemId']}::fsap-0${digitsOf(claim)}`,
};

const capabilityProblem = ({ claim: { spec } }: VolumeRequest): string | undefined =>
  spec?.volumeMode === 'Block' ? invalidArgument('Volume capabilities not supported') : undefined;

function parameterProblem({ parameters }: VolumeRequest): string | undefined {
  const { provisioningMode, fileSystemId, gidRangeStart, gidRangeEnd } = parameters;
  if (provisioningMode === undefined) return invalidArgument('Missing provisioningMode parameter');
  if (provisioningMode !== 'efs-ap') {
    return invalidArgument(`Provisioning mode ${provisioningMode} is not supported. Only Access point provisioning: 'efs-ap' is supported`);
  }
  if (fileSystemId === undefined) return invalidArgument('Missing fileSystemId parameter');
  if (fileSystemId.trim() === '') return invalidArgument('Parameter fileSystemId cannot be empty');
  return gidProblem('gidRangeStart', gidRangeStart) ?? gidProblem('gidRangeEnd', gidRangeEnd) ?? rangeProblem(gidRangeStart, gidRangeEnd);
}

function gidProblem(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text)) return invalidArgument(`Failed to parse invalid ${name}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return name === 'gidRangeStart' && Number(text) <= 0 ? invalidArgument(`${name} must be greater than 0`) : undefined;
}

function rangeProblem(start: string | undefined, end: string | undefined): string | undefined {
  if (start === undefined && end === undefined) return undefined;
  // Either one alone is told as the first one missing.
  if (start === undefined || end === undefined) return invalidArgument('Missing gidRangeStart parameter');
  return Number(end) <= Number(start) ? invalidArgument('gidRangeEnd must be greater than gidRangeStart') : undefined;
}
