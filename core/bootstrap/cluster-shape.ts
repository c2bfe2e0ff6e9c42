import type { KubeObject } from '../kube/object.ts';
import { instanceType } from '../nodes/ec2/instance-type.ts';
import { nodeGroup } from '../nodes/ec2/node-group.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { eksAddOns } from './eks-add-ons.ts';
import { bootstrapObjects } from './initial-objects.ts';
import { metricsServer } from './metrics-server.ts';

/** What a new cluster looks like: a Kubernetes of its own; or, where its nodes are EC2 instances of a type, one that EKS makes. */
export interface Shape {
  readonly nodes: number;
  readonly instanceType?: string | undefined;
  /** Whether a plain one has metrics-server. That of EKS has. */
  readonly metricsServer?: boolean | undefined;
}

/** The nodes of a new EKS cluster, unless told: what eksctl takes. */
export const INSTANCE_TYPE = 'm5.large';

/** All that is in a new cluster of a shape, in an order in which it can be created. Throws when there is no such instance type. */
export function objectsOf({ nodes, instanceType: name, metricsServer: measured = false }: Shape, now: number): KubeObject[] {
  if (name === undefined) return [...bootstrapObjects(now), ...(measured ? metricsServer() : []), ...nodeObjects(nodes, now)];
  const type = instanceType(name);
  if (!type) throw new Error(`there is no EC2 instance type ${JSON.stringify(name)}`);
  return [...bootstrapObjects(now, eksStorage), ...eksAddOns(REGION), ...metricsServer(), ...nodeGroup(nodes, { type, now, region: REGION })];
}

const REGION = 'eu-west-1';

const DEFAULT_CLASS = { 'storageclass.kubernetes.io/is-default-class': 'true' };

/** gp2 is what EKS makes, since 1.30 without being the default; gp3 and the drivers are what a cluster gets next. */
const eksStorage: KubeObject[] = [
  storageClass('gp2', { provisioner: 'kubernetes.io/aws-ebs', parameters: { type: 'gp2', fsType: 'ext4' } }),
  storageClass('gp3', { provisioner: 'ebs.csi.aws.com', parameters: { type: 'gp3' }, allowVolumeExpansion: true }, DEFAULT_CLASS),
  csiDriver('ebs.csi.aws.com', { attachRequired: true, fsGroupPolicy: 'ReadWriteOnceWithFSType' }),
  csiDriver('efs.csi.aws.com', { attachRequired: false, fsGroupPolicy: 'ReadWriteOnceWithFSType' }),
];

function storageClass(name: string, rest: object, annotations?: Record<string, string>): KubeObject {
  const metadata = { name, ...(annotations && { annotations }) };
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...rest,
  } as KubeObject;
}

function csiDriver(name: string, spec: object): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name },
    spec: { podInfoOnMount: false, volumeLifecycleModes: ['Persistent'], ...spec },
  } as KubeObject;
}
