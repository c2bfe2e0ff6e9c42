import type { CSIDriver, PersistentVolumeClaim } from '../../../schema/generated/kinds.ts';

/**
 * What a CSI driver with its sidecars (external-provisioner, -attacher, -resizer) does to volumes. There is no storage behind it: what can be seen in
 * the API comes about, and is refused, as the driver does it.
 */
export interface StorageDriver {
  /** `ebs.csi.aws.com`, as CSIDriver, CSINode and volumes name it. */
  readonly name: string;
  /** The other names by which classes ask for it: of the plugin that it has replaced, or of Logplane's own class. */
  readonly provisioners?: readonly string[];
  /** The Deployment whose pods run the sidecars. */
  readonly controller: string;
  readonly spec: CSIDriver['spec'];
  /** Whether a volume is in one zone, and is reached from the nodes there alone. */
  readonly isZonal: (claim: PersistentVolumeClaim) => boolean;
  /** The labels of nodes that say where a volume can be. */
  readonly topologyKeys?: readonly string[];
  /** What the external-provisioner is told to format volumes with that say nothing else. */
  readonly defaultFsType?: string;
  /** The volumes of a node at most (CSINode allocatable). */
  readonly volumesPerNode?: number;
  /** It resizes and modifies volumes in use. */
  readonly isExpandable: boolean;
  /** The bytes that a volume has when so many were asked for. */
  readonly sizeOf: (bytes: number) => number;
  /** What is wrong with a request for a volume, as the gRPC status says it; undefined when nothing is (CreateVolume). */
  readonly refusal: (request: VolumeRequest) => string | undefined;
  /** What is wrong with the parameters of a VolumeAttributesClass (ControllerModifyVolume). */
  readonly modificationRefusal: (parameters: Readonly<Record<string, string>>) => string | undefined;
  /** How it names a volume. */
  readonly handleOf: (request: VolumeRequest) => string;
  /** Where on a node the nth volume appears (VolumeAttachment attachmentMetadata). */
  readonly devicePath?: (index: number) => string;
}

export interface VolumeRequest {
  readonly claim: PersistentVolumeClaim;
  /** `pvc-UID` */
  readonly name: string;
  /** Of the class, without those that are for the sidecars. */
  readonly parameters: Readonly<Record<string, string>>;
}

export const invalidArgument = (text: string): string => `rpc error: code = InvalidArgument desc = ${text}`;

/** Sixteen hex digits that are the claim's own, as AWS' ids have after their first zero. */
export const digitsOf = ({ metadata }: PersistentVolumeClaim): string => metadata.uid!.replaceAll('-', '').slice(0, 16);

export const GIB = 2 ** 30;
