import type { KubeObject } from '../../core/kube/object.ts';
import type { Cluster } from '../../core/testing/cluster.ts';

/**
 * What the pages of the Kubernetes documentation about storage, and those of EKS, have their readers apply, in its smallest form, and in what it ends by what they say.
 */
export interface Page {
  /** Below https://kubernetes.io/docs/, or https://docs.aws.amazon.com/eks/. */
  readonly page: string;
  readonly about: string;
  readonly applied: readonly KubeObject[];
  /** What the page does next. */
  readonly next?: (cluster: Cluster) => Promise<void>;
  /** A line for each claim, volume and pod; a volume that was made is called `made`. */
  readonly ends: readonly string[];
}

interface Made {
  readonly metadata?: object;
  readonly [field: string]: unknown;
}

const object = (apiVersion: string, kind: string, name: string, { metadata, ...rest }: Made = {}, namespace: object = { namespace: 'default' }): KubeObject =>
  ({ apiVersion, kind, metadata: { name, ...namespace, ...metadata }, ...rest }) as KubeObject;

const gi = (storage: string) => ({ resources: { requests: { storage } } });
const claim = (name: string, spec: object, more: Made = {}) =>
  object('v1', 'PersistentVolumeClaim', name, { ...more, spec: { accessModes: ['ReadWriteOnce'], ...spec } });
const volume = (name: string, spec: object, more: Made = {}) =>
  object('v1', 'PersistentVolume', name, { ...more, spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' }, ...spec } }, {});
const storageClass = (name: string, provisioner: string, more: Made = {}) => object('storage.k8s.io/v1', 'StorageClass', name, { provisioner, ...more }, {});
const pod = (name: string, volumes: readonly object[], spec: object = {}) =>
  object('v1', 'Pod', name, {
    spec: {
      containers: [{ name: 'app', image: 'nginx', volumeMounts: volumes.map((_, i) => ({ name: `v${i}`, mountPath: `/v${i}` })) }],
      volumes: volumes.map((source, i) => ({ name: `v${i}`, ...source })),
      ...spec,
    },
  });
const of = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
const hostPath = { hostPath: { path: '/mnt/data' } };
const LATE = { volumeBindingMode: 'WaitForFirstConsumer' };
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

const manual = volume('task-pv-volume', { storageClassName: 'manual', ...hostPath });
const manualClaim = claim('task-pv-claim', { storageClassName: 'manual', ...gi('3Gi') });
const standard = storageClass('standard', 'ebs.csi.aws.com', { reclaimPolicy: 'Delete', allowVolumeExpansion: true });

const removed = (gone: KubeObject) => async (cluster: Cluster) => cluster.delete(gone, gone.kind === 'Pod' ? { gracePeriodSeconds: 0 } : {});

export const storagePages: readonly Page[] = [
  {
    page: 'tasks/configure-pod-container/configure-persistent-volume-storage/',
    about: 'a claim gets the volume of its class, and a pod uses it',
    applied: [manual, manualClaim, pod('task-pv-pod', [of('task-pv-claim')])],
    ends: ['claim task-pv-claim Bound task-pv-volume 10Gi', 'volume task-pv-volume Bound', 'pod task-pv-pod Running'],
  },
  {
    page: 'tasks/configure-pod-container/configure-persistent-volume-storage/#create-a-persistentvolume',
    about: 'a volume that no claim has is available',
    applied: [manual],
    ends: ['volume task-pv-volume Available'],
  },
  {
    page: 'tasks/administer-cluster/change-pv-reclaim-policy/',
    about: 'a volume that is to be retained stays, released',
    applied: [standard, claim('claim1', { storageClassName: 'standard', ...gi('10Gi') })],
    next: async (cluster) => {
      await cluster.edit(cluster.list('persistentvolumes')[0]!, ({ spec }) => {
        spec!.persistentVolumeReclaimPolicy = 'Retain';
      });
      await cluster.delete(claim('claim1', {}));
    },
    ends: ['volume made Released'],
  },
  {
    page: 'tasks/administer-cluster/change-default-storage-class/',
    about: 'a claim that names no class gets the one that is marked now',
    applied: [
      storageClass('standard', 'ebs.csi.aws.com', { metadata: { annotations: { [IS_DEFAULT]: 'false' } } }),
      storageClass('gold', 'ebs.csi.aws.com', { metadata: { annotations: { [IS_DEFAULT]: 'true' } } }),
      claim('any', gi('1Gi')),
    ],
    ends: ['claim any Bound made 1Gi', 'volume made Bound'],
  },
  {
    page: 'tasks/administer-cluster/change-pv-access-mode-readwriteoncepod/',
    about: 'a claim of the mode ReadWriteOncePod is bound and used by one pod',
    applied: [
      volume('cat-pictures-pv', { accessModes: ['ReadWriteOncePod'], storageClassName: '', ...hostPath }),
      claim('cat-pictures-pvc', { accessModes: ['ReadWriteOncePod'], storageClassName: '', volumeName: 'cat-pictures-pv', ...gi('1Gi') }),
      pod('cat-pictures-writer', [of('cat-pictures-pvc')]),
    ],
    ends: ['claim cat-pictures-pvc Bound cat-pictures-pv 10Gi', 'volume cat-pictures-pv Bound', 'pod cat-pictures-writer Running'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#binding',
    about: 'claims stay unbound as long as no volume matches',
    applied: [volume('fifty', { capacity: { storage: '50Gi' }, ...hostPath }), claim('hundred', { storageClassName: '', ...gi('100Gi') })],
    ends: ['claim hundred Pending', 'volume fifty Available'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#storage-object-in-use-protection',
    about: 'a claim that a pod uses is not removed',
    applied: [manual, manualClaim, pod('task-pv-pod', [of('task-pv-claim')])],
    next: removed(manualClaim),
    ends: ['claim task-pv-claim Terminating task-pv-volume 10Gi', 'volume task-pv-volume Bound', 'pod task-pv-pod Running'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#retain',
    about: 'a volume that was retained is not available to another claim',
    applied: [manual, manualClaim],
    next: async (cluster) => {
      await cluster.delete(manualClaim);
      await cluster.settle();
      await cluster.create(claim('another', { storageClassName: 'manual', ...gi('3Gi') }));
    },
    ends: ['claim another Pending', 'volume task-pv-volume Released'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#delete',
    about: 'a volume that was made goes with its claim',
    applied: [standard, claim('claim1', { storageClassName: 'standard', ...gi('1Gi') })],
    next: removed(claim('claim1', {})),
    ends: [],
  },
  {
    page: 'concepts/storage/persistent-volumes/#recycle',
    about: 'a volume that is recycled is available again',
    applied: [volume('pv', { persistentVolumeReclaimPolicy: 'Recycle', ...hostPath }), claim('c', { storageClassName: '', ...gi('1Gi') })],
    next: removed(claim('c', {})),
    ends: ['volume pv Available'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#reserving-a-persistentvolume',
    about: 'a claim and a volume that name each other are bound',
    applied: [
      claim('foo-pvc', { storageClassName: '', volumeName: 'foo-pv', ...gi('1Gi') }),
      volume('foo-pv', { storageClassName: '', claimRef: { name: 'foo-pvc', namespace: 'default' }, ...hostPath }),
    ],
    ends: ['claim foo-pvc Bound foo-pv 10Gi', 'volume foo-pv Bound'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims',
    about: 'a claim in use grows',
    applied: [standard, claim('myclaim', { storageClassName: 'standard', ...gi('8Gi') }), pod('mypod', [of('myclaim')])],
    next: async (cluster) => {
      await cluster.pass(5);
      await cluster.edit(cluster.list('persistentvolumeclaims')[0]!, ({ spec }) => {
        spec!.resources = { requests: { storage: '16Gi' } };
      });
    },
    ends: ['claim myclaim Bound made 16Gi', 'volume made Bound', 'pod mypod Running'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#selector',
    about: 'a claim gets the volume whose labels it selects',
    applied: [
      volume('slow', { storageClassName: 'slow', ...hostPath }, { metadata: { labels: { release: 'beta' } } }),
      volume('stable', { storageClassName: 'slow', ...hostPath }, { metadata: { labels: { release: 'stable', environment: 'dev' } } }),
      claim('myclaim', {
        storageClassName: 'slow',
        selector: { matchLabels: { release: 'stable' }, matchExpressions: [{ key: 'environment', operator: 'In', values: ['dev'] }] },
        ...gi('8Gi'),
      }),
    ],
    ends: ['claim myclaim Bound stable 10Gi', 'volume slow Available', 'volume stable Bound'],
  },
  {
    page: 'concepts/storage/persistent-volumes/#raw-block-volume-support',
    about: 'a claim of a block device gets a volume of one',
    applied: [
      volume('block-pv', { volumeMode: 'Block', storageClassName: '', fc: { targetWWNs: ['50060e801049cfd1'], lun: 0 } }),
      claim('block-pvc', { volumeMode: 'Block', storageClassName: '', ...gi('10Gi') }),
    ],
    ends: ['claim block-pvc Bound block-pv 10Gi', 'volume block-pv Bound'],
  },
  {
    page: 'concepts/storage/storage-classes/#volume-binding-mode',
    about: 'a claim waits for its first consumer',
    applied: [storageClass('late', 'ebs.csi.aws.com', LATE), claim('c', { storageClassName: 'late', ...gi('1Gi') })],
    ends: ['claim c Pending'],
  },
  {
    page: 'concepts/storage/storage-classes/#volume-binding-mode (nodes)',
    about: 'and has its volume made where that goes',
    applied: [
      storageClass('late', 'ebs.csi.aws.com', LATE),
      claim('task-pv-claim', { storageClassName: 'late', ...gi('1Gi') }),
      pod('task-pv-pod', [of('task-pv-claim')], { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }),
    ],
    ends: ['claim task-pv-claim Bound made 1Gi', 'volume made Bound', 'pod task-pv-pod Running'],
  },
  {
    page: 'concepts/storage/storage-classes/#local',
    about: 'local volumes are bound where the pod goes, and not made',
    applied: [
      storageClass('local-storage', 'kubernetes.io/no-provisioner', LATE),
      volume('local', {
        storageClassName: 'local-storage',
        local: { path: '/mnt/disks/ssd1' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-3'] }] }] } },
      }),
      claim('c', { storageClassName: 'local-storage', ...gi('1Gi') }),
      pod('p', [of('c')]),
    ],
    ends: ['claim c Bound local 10Gi', 'volume local Bound', 'pod p Running'],
  },
  {
    page: 'concepts/storage/dynamic-provisioning/#using-dynamic-provisioning',
    about: 'a claim of a class has a volume made, which goes with it',
    applied: [storageClass('fast', 'ebs.csi.aws.com'), claim('claim1', { storageClassName: 'fast', ...gi('30Gi') })],
    ends: ['claim claim1 Bound made 30Gi', 'volume made Bound'],
  },
  {
    page: 'concepts/storage/volumes/#emptydir',
    about: 'a pod has an empty directory',
    applied: [pod('test-pd', [{ emptyDir: { sizeLimit: '500Mi' } }])],
    ends: ['pod test-pd Running'],
  },
  {
    page: 'concepts/storage/volumes/#hostpath',
    about: 'a pod has a directory of its node',
    applied: [pod('hostpath-example-linux', [{ hostPath: { path: '/data/foo', type: 'Directory' } }])],
    ends: ['pod hostpath-example-linux Running'],
  },
  {
    page: 'concepts/storage/volumes/#configmap',
    about: 'a ConfigMap is there before the pod that mounts it can start',
    applied: [pod('configmap-pod', [{ configMap: { name: 'log-config' } }])],
    ends: ['pod configmap-pod Pending ContainerCreating'],
  },
  {
    page: 'concepts/storage/projected-volumes/#introduction',
    about: 'several sources are one volume',
    applied: [
      object('v1', 'Secret', 'mysecret', { stringData: { username: 'admin' } }),
      object('v1', 'ConfigMap', 'myconfigmap', { data: { config: 'x' } }),
      pod('volume-test', [
        {
          projected: {
            sources: [
              { secret: { name: 'mysecret', items: [{ key: 'username', path: 'my-group/my-username' }] } },
              { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
              { configMap: { name: 'myconfigmap', items: [{ key: 'config', path: 'my-group/my-config' }] } },
            ],
          },
        },
      ]),
    ],
    ends: ['pod volume-test Running'],
  },
  {
    page: 'concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes',
    about: 'a volume lives as long as its pod',
    applied: [
      storageClass('scratch-storage-class', 'ebs.csi.aws.com'),
      pod('my-app', [
        {
          ephemeral: {
            volumeClaimTemplate: {
              metadata: { labels: { type: 'x' } },
              spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'scratch-storage-class', ...gi('1Gi') },
            },
          },
        },
      ]),
    ],
    ends: ['claim my-app-v0 Bound made 1Gi', 'volume made Bound', 'pod my-app Running'],
  },
  {
    page: 'concepts/storage/ephemeral-volumes/#csi-ephemeral-volumes',
    about: 'a volume of a driver that is not installed is not mounted',
    applied: [pod('my-csi-app', [{ csi: { driver: 'inline.storage.kubernetes.io', volumeAttributes: { foo: 'bar' } } }])],
    ends: ['pod my-csi-app Pending ContainerCreating'],
  },
  {
    page: 'concepts/storage/volume-attributes-classes/',
    about: 'a claim is given other attributes',
    applied: [
      standard,
      object('storage.k8s.io/v1', 'VolumeAttributesClass', 'silver', { driverName: 'ebs.csi.aws.com', parameters: { iops: '3000', throughput: '125' } }, {}),
      object('storage.k8s.io/v1', 'VolumeAttributesClass', 'gold', { driverName: 'ebs.csi.aws.com', parameters: { iops: '4000', throughput: '250' } }, {}),
      claim('test-pv-claim', { storageClassName: 'standard', volumeAttributesClassName: 'silver', ...gi('1Gi') }),
    ],
    next: async (cluster) => {
      await cluster.edit(cluster.list('persistentvolumeclaims')[0]!, ({ spec }) => {
        spec!.volumeAttributesClassName = 'gold';
      });
    },
    ends: ['claim test-pv-claim Bound made 1Gi gold', 'volume made Bound'],
  },
  {
    page: 'tutorials/stateful-application/basic-stateful-set/',
    about: 'each pod of a set has a claim of its own',
    applied: [
      storageClass('fast', 'ebs.csi.aws.com', { ...LATE, metadata: { annotations: { [IS_DEFAULT]: 'true' } } }),
      object('apps/v1', 'StatefulSet', 'web', {
        spec: {
          serviceName: 'nginx',
          replicas: 2,
          selector: { matchLabels: { app: 'nginx' } },
          template: {
            metadata: { labels: { app: 'nginx' } },
            spec: { containers: [{ name: 'nginx', image: 'nginx', volumeMounts: [{ name: 'www', mountPath: '/usr/share/nginx/html' }] }] },
          },
          volumeClaimTemplates: [{ metadata: { name: 'www' }, spec: { accessModes: ['ReadWriteOnce'], ...gi('1Gi') } }],
        },
      }),
    ],
    ends: [
      'claim www-web-0 Bound made 1Gi',
      'claim www-web-1 Bound made 1Gi',
      'volume made Bound',
      'volume made Bound',
      'pod web-0 Running',
      'pod web-1 Running',
    ],
  },
  {
    page: 'latest/userguide/ebs-csi.html',
    about: 'a disk of the node’s zone',
    applied: [storageClass('ebs-sc', 'ebs.csi.aws.com', LATE), claim('ebs-claim', { storageClassName: 'ebs-sc', ...gi('4Gi') }), pod('app', [of('ebs-claim')])],
    ends: ['claim ebs-claim Bound made 4Gi', 'volume made Bound', 'pod app Running'],
  },
  {
    page: 'latest/userguide/efs-csi.html',
    about: 'a file system of many pods, of any size',
    applied: [
      storageClass('efs-sc', 'efs.csi.aws.com', { parameters: { provisioningMode: 'efs-ap', fileSystemId: 'fs-92107410', directoryPerms: '700' } }),
      claim('efs-claim', { accessModes: ['ReadWriteMany'], storageClassName: 'efs-sc', ...gi('5Gi') }),
      pod('app1', [of('efs-claim')]),
      pod('app2', [of('efs-claim')]),
    ],
    ends: ['claim efs-claim Bound made 5Gi', 'volume made Bound', 'pod app1 Running', 'pod app2 Running'],
  },
  {
    page: 'latest/userguide/ebs-csi.html (ReadWriteMany)',
    about: 'a disk is no file system for many',
    applied: [storageClass('ebs-sc', 'ebs.csi.aws.com'), claim('shared', { accessModes: ['ReadWriteMany'], storageClassName: 'ebs-sc', ...gi('4Gi') })],
    ends: ['claim shared Pending'],
  },
];
