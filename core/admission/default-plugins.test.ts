import { describe, expect, it } from 'vitest';
import { update } from '../apis/mutation.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { Ingress, PersistentVolumeClaim } from '../schema/generated/kinds.ts';
import type { KindOf } from '../schema/kind-of.ts';
import { configMap, kept, namespace, outcome, pod, stateWith } from '../testing/decisions.ts';
import { allPlugins, defaultAdmissionPlugins } from './default-plugins.ts';
import { pluginNames } from './plugin-names.ts';

/** What the plugins make of writes, in a cluster of these objects. */
const create = <R extends GroupResource>(resource: R, object: KindOf<R>, there: readonly KubeObject[] = []) =>
  outcome(stateWith(...there), { type: 'create', resource, object });
const message = (refused: { message?: string } | undefined) => refused?.message;

it('The plugins stand in the order of kube-apiserver, and have the names that settings know', () => {
  const all = allPlugins().map((plugin) => ('off' in plugin ? plugin.off.name : plugin.name));
  expect(all).toEqual(pluginNames);
  expect(defaultAdmissionPlugins.map(({ name }) => name)).toEqual([
    'NamespaceLifecycle',
    'LimitRanger',
    'ServiceAccount',
    'NodeRestriction',
    'TaintNodesByCondition',
    'PodSecurity',
    'Priority',
    'DefaultTolerationSeconds',
    'DefaultStorageClass',
    'StorageObjectInUseProtection',
    'PersistentVolumeClaimResize',
    'RuntimeClass',
    'CertificateApproval',
    'CertificateSigning',
    'CertificateSubjectRestriction',
    'DefaultIngressClass',
    'PodTopologyLabels',
    'NodeDeclaredFeatureValidator',
    'PodResizeValidator',
    'MutatingAdmissionPolicy',
    'MutatingAdmissionWebhook',
    'PodIdentityWebhook',
    'PodReadinessGateWebhook',
    'ClusterMoments',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionWebhook',
    'SubscriptionAccess',
    'ResourceQuota',
  ]);
});

describe('a new pod', () => {
  const created = (spec: Record<string, unknown> = {}, there: readonly KubeObject[] = []) => create('pods', pod({}, spec), there);
  const specOf = (spec: Record<string, unknown>, there: readonly KubeObject[] = []) => created(spec, there).object!.spec!;
  const account = (name: string, more: object = {}) => kept({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' }, ...more });
  const priorityClass = (name: string, value: number, more: object = {}) =>
    kept({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more });

  it('runs as the default account with its token, and waits five minutes on a lost node', () => {
    const spec = specOf({});
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    expect(spec.containers[0]!.volumeMounts).toEqual([
      { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: 'kube-api-access-bbbbb', readOnly: true },
    ]);
    expect(spec.volumes!.map(({ name, projected }) => [name, projected?.sources?.length])).toEqual([['kube-api-access-bbbbb', 3]]);
    expect(spec.tolerations!.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
      ['node.kubernetes.io/not-ready', 300],
      ['node.kubernetes.io/unreachable', 300],
    ]);
  });

  it('gets no token where the account or the pod says so, or a container has its own', () => {
    const quiet = account('quiet', { automountServiceAccountToken: false });
    expect(specOf({ serviceAccountName: 'quiet' }, [quiet]).volumes).toBeUndefined();
    expect(specOf({ serviceAccountName: 'quiet', automountServiceAccountToken: true }, [quiet]).volumes).toHaveLength(1);
    const own = { name: 't', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const volume = { name: 't', emptyDir: {} };
    expect(specOf({ containers: [{ name: 'c', image: 'i', volumeMounts: [own] }], volumes: [volume] }).volumes).toEqual([volume]);
  });

  it('shares the token volume that it has', () => {
    const { volumes, containers } = specOf({ volumes: [{ name: 'kube-api-access-own', emptyDir: {} }] });
    expect([volumes!.map(({ name }) => name), containers[0]!.volumeMounts!.map(({ name }) => name)]).toEqual([
      ['kube-api-access-own'],
      ['kube-api-access-own'],
    ]);
  });

  it('pulls images with the secrets of its account', () => {
    expect(specOf({}, [account('default', { imagePullSecrets: [{ name: 'r' }] })]).imagePullSecrets).toEqual([{ name: 'r' }]);
  });

  it('is refused for an account that does not exist', () => {
    expect(message(created({ serviceAccountName: 'nobody' }).refused)).toBe(
      'pods "a" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    );
  });

  describe('of an account that lets its pods use its own secrets alone', () => {
    const enforcing = account('own', {
      metadata: { name: 'own', namespace: 'default', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
      secrets: [{ name: 'mine' }],
      imagePullSecrets: [{ name: 'pull' }],
    });
    const refusedWith = (spec: object) => message(created({ serviceAccountName: 'own', ...spec }, [enforcing]).refused);
    const env = (name: string) => ({ env: [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }] });
    const from = (name: string) => ({ envFrom: [{ secretRef: { name } }] });
    const container = (more: object) => ({ name: 'c', image: 'i', ...more });

    it('is taken with these', () => {
      const spec = { containers: [container({ ...env('mine'), ...from('mine') })], volumes: [{ name: 'v', secret: { secretName: 'mine' } }] };
      expect(refusedWith({ ...spec, imagePullSecrets: [{ name: 'pull' }] })).toBeUndefined();
    });

    it.each([
      { name: 'a volume', spec: { volumes: [{ name: 'v', secret: { secretName: 'other' } }] }, why: 'volume with secret.secretName="other"' },
      { name: 'a variable', spec: { containers: [container(env('other'))] }, why: 'container c with envVar E referencing secret.secretName="other"' },
      { name: 'variables', spec: { containers: [container(from('other'))] }, why: 'container c with envFrom referencing secret.secretName="other"' },
      {
        name: 'a variable of an init container',
        spec: { initContainers: [container({ name: 'i', ...env('other') })] },
        why: 'init container i with envVar E referencing secret.secretName="other"',
      },
    ])('is refused for $name', ({ spec, why }) => {
      expect(refusedWith(spec)).toBe(`pods "a" is forbidden: ${why} is not allowed because service account own does not reference that secret`);
    });

    it('is refused for another secret to pull images with', () => {
      expect(refusedWith({ imagePullSecrets: [{ name: 'pull' }, { name: 'other' }] })).toBe(
        'pods "a" is forbidden: imagePullSecrets[1].name="other" is not allowed because service account own does not reference that imagePullSecret',
      );
    });

    it('is refused ephemeral containers with others, in an error without a Status', () => {
      const there = created({ serviceAccountName: 'own' }, [enforcing]).object!;
      const ephemeralContainers = [{ name: 'd', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', ...env('other') }];
      const { refused } = outcome(
        stateWith(enforcing, there),
        update('pods', { ...there, spec: { ...there.spec!, ephemeralContainers } }, 'ephemeralcontainers'),
      );
      expect({ code: refused!.code, reason: refused!.reason, message: refused!.message }).toEqual({
        code: 500,
        reason: undefined,
        message:
          'ephemeral container d with envVar E referencing secret.secretName="other" is not allowed because service account own does not reference that secret',
      });
    });
  });

  it('has the priority of its class', () => {
    const classes = [priorityClass('high', 1000, { preemptionPolicy: 'Never' }), priorityClass('normal', 10, { globalDefault: true })];
    expect(specOf({ priorityClassName: 'high' }, classes)).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
    expect(specOf({}, classes)).toMatchObject({ priorityClassName: 'normal', priority: 10 });
    expect(specOf({ priorityClassName: 'system-node-critical' })).toMatchObject({ priority: 2000001000 });
    expect(message(created({ priorityClassName: 'none' }).refused)).toBe('pods "a" is forbidden: no PriorityClass with name none was found');
    expect(message(created({ priority: 5 }).refused)).toMatch(/the integer value of priority \(5\) must not be provided in pod spec/);
  });

  it('costs and runs where its RuntimeClass says', () => {
    const gvisor = kept({
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'runsc',
      overhead: { podFixed: { cpu: '10m' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    });
    const spec = specOf({ runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' } }, [gvisor]);
    expect(spec).toMatchObject({ overhead: { cpu: '10m' }, nodeSelector: { disk: 'ssd', sandbox: 'yes' } });
    expect(spec.tolerations!.at(-1)).toEqual({ key: 'sandbox', operator: 'Exists' });
    const refusals = [
      { runtimeClassName: 'kata' },
      { runtimeClassName: 'gvisor', overhead: { cpu: '1' } },
      { overhead: { cpu: '1' } },
      { runtimeClassName: 'gvisor', nodeSelector: { sandbox: 'no' } },
    ].map((given) => message(created(given, [gvisor]).refused));
    expect(refusals).toEqual([
      'pods "a" is forbidden: pod rejected: RuntimeClass "kata" not found',
      "pods \"a\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
      'pods "a" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      'pods "a" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
    ]);
  });

  it('may say the overhead of its class in other words, and has its tolerations once', () => {
    const gvisor = kept({
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'runsc',
      overhead: { podFixed: { cpu: '100m' } },
      scheduling: { nodeSelector: {}, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    });
    const narrow = { key: 'sandbox', operator: 'Equal', value: 'x', effect: 'NoSchedule' };
    const spec = specOf({ runtimeClassName: 'gvisor', overhead: { cpu: '0.1' }, tolerations: [narrow] }, [gvisor]);
    expect(spec.tolerations!.filter(({ key }) => key === 'sandbox')).toEqual([{ key: 'sandbox', operator: 'Exists' }]);
  });

  it('that has a node already knows its zone', () => {
    const node = kept({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { 'topology.kubernetes.io/zone': 'z' } } });
    expect(create('pods', pod({ labels: { a: 'b', 'topology.kubernetes.io/zone': 'own' } }, { nodeName: 'n' }), [node]).object!.metadata.labels).toEqual({
      a: 'b',
      'topology.kubernetes.io/zone': 'z',
    });
  });
});

it('An update of a pod keeps the priority that it leaves out', () => {
  const there = create('pods', pod()).object!;
  const { priority: _, preemptionPolicy: _p, ...spec } = there.spec!;
  expect(outcome(stateWith(there), update('pods', { ...there, spec }))).toMatchObject({ events: [] });
});

it('There is one default priority', () => {
  const priorityClass = (name: string) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1, globalDefault: true });
  const there = [kept(priorityClass('a'))];
  expect(message(create('priorityclasses.scheduling.k8s.io', priorityClass('b'), there).refused)).toBe(
    'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
  );
  const again = { type: 'update', resource: 'priorityclasses.scheduling.k8s.io', object: priorityClass('a') } as const;
  expect(outcome(stateWith(...there), again).refused).toBeUndefined();
});

describe('a claim', () => {
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const storageClass = (name: string, more: object = {}, annotations = {}) =>
    kept({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, annotations }, provisioner: 'p', ...more });
  const claim = (spec: object = {}, size = '1Gi'): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'a', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
  });

  it('gets the default class, unless it asks for none, and is protected', () => {
    const classes = [storageClass('slow'), storageClass('fast', {}, isDefault)];
    expect(create('persistentvolumeclaims', claim(), classes).object).toMatchObject({
      spec: { storageClassName: 'fast' },
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      status: { phase: 'Pending' },
    });
    expect(create('persistentvolumeclaims', claim({ storageClassName: '' }), classes).object!.spec!.storageClassName).toBe('');
  });

  it('grows only with a class that can', () => {
    const bound = kept({ ...claim({ storageClassName: 'fast', volumeName: 'v' }), status: { phase: 'Bound' } });
    const grown = (of: KubeObject) =>
      outcome(stateWith(bound, of), {
        type: 'update',
        resource: 'persistentvolumeclaims',
        object: claim({ storageClassName: 'fast', volumeName: 'v' }, '2Gi'),
      });
    expect(message(grown(storageClass('fast')).refused)).toBe(
      'persistentvolumeclaims "a" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
    expect(grown(storageClass('fast', { allowVolumeExpansion: true })).events).toEqual(['MODIFIED']);
  });
});

it('An Ingress gets the default class, if there is one', () => {
  const ingress = (spec: object = {}): Ingress => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'a', namespace: 'default' },
    spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...spec },
  });
  const ingressClass = (name: string) =>
    kept({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'example.com/c' },
    });
  const made = (given: Ingress, there: KubeObject[]) => create('ingresses.networking.k8s.io', given, there);
  expect(made(ingress(), [ingressClass('x')]).object!.spec!.ingressClassName).toBe('x');
  expect(made(ingress({ ingressClassName: 'y' }), [ingressClass('x')]).object!.spec!.ingressClassName).toBe('y');
  expect(made(ingress(), []).object!.spec!.ingressClassName).toBeUndefined();
  const newer: KubeObject = ingressClass('y');
  newer.metadata.creationTimestamp = '2026-01-01T00:00:00Z';
  expect(made(ingress(), [ingressClass('x'), newer, ingressClass('z')]).object!.spec!.ingressClassName).toBe('y');
  expect(made(ingress(), [ingressClass('z'), ingressClass('x')]).object!.spec!.ingressClassName).toBe('x');
});

describe('the levels of a namespace', () => {
  const level = 'pod-security.kubernetes.io/enforce';
  const made = (labels: Record<string, string>) => create('namespaces', namespace('a', { labels })).refused;
  const changed = (before: Record<string, string>, labels: Record<string, string>) => {
    const there = kept(namespace('a', { labels: before }));
    return outcome(stateWith(there), update('namespaces', { ...there, metadata: { ...there.metadata, labels } })).refused;
  };

  it('are those that there are', () => {
    expect(made({ [level]: 'baseline', [`${level}-version`]: 'v1.30', 'pod-security.kubernetes.io/audit-version': 'latest' })).toBeUndefined();
    expect(
      made({ 'pod-security.kubernetes.io/warn-version': '1.30', 'pod-security.kubernetes.io/audit': '', [`${level}-version`]: 'v1.030', [level]: 'x' }),
    ).toMatchObject({
      code: 422,
      message:
        'Namespace "a" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "v1.030": must be "latest" or "v1.x", metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]',
    });
  });

  it('may stay wrong as they were', () => {
    expect(changed({ [level]: 'x' }, { [level]: 'x', other: 'label' })).toBeUndefined();
    expect(changed({ [level]: 'x' }, { [level]: 'y' })).toMatchObject({ code: 422 });
    expect(changed({}, { [level]: 'y' })).toMatchObject({ code: 422 });
  });
});

describe('a resize of a pod on a node', () => {
  const node = (labels: Record<string, string> = {}) =>
    kept({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels }, status: { allocatable: { cpu: '2', memory: '1Gi' } } } as KubeObject);
  const running = kept(pod({ uid: 'p' }, { nodeName: 'n', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi' } } }] }));
  const resized = (requests: object, ...there: KubeObject[]) => {
    const containers = [{ ...running.spec!.containers[0]!, resources: { requests } }] as NonNullable<typeof running.spec>['containers'];
    return outcome(stateWith(running, ...there), update('pods', { ...running, spec: { ...running.spec!, containers } }, 'resize')).refused;
  };

  it.each([
    { name: 'to what it has', requests: { cpu: '2', memory: '1Gi' }, there: [node()], want: undefined },
    {
      name: 'to more',
      requests: { cpu: '2500m', memory: '2Gi' },
      there: [node()],
      want: {
        message:
          'pods "a" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824',
        details: { causes: [{ reason: 'NodeCapacity' }] },
      },
    },
    {
      name: 'of another system',
      requests: { cpu: '2', memory: '1Gi' },
      there: [node({ 'kubernetes.io/os': 'windows' })],
      want: {
        message: 'pods "a" is forbidden: pod resize is only supported on linux nodes, node "n" is "windows"',
        details: { causes: [{ reason: 'UnsupportedPlatform' }] },
      },
    },
    { name: 'that is gone', requests: { cpu: '2', memory: '1Gi' }, there: [], want: { message: 'pods "a" is forbidden: node "n" not found' } },
  ])('$name', ({ requests, there, want }) => {
    const refused = resized(requests, ...there);
    if (want) expect(refused).toMatchObject(want);
    else expect(refused).toBeUndefined();
  });
});

describe('what the node of a pod does not declare', () => {
  const init = { name: 'i', image: 'i', resources: { requests: { cpu: '1' } } };
  const running = kept(
    pod(
      { uid: 'p' },
      {
        nodeName: 'n',
        resources: { requests: { cpu: '2' } },
        initContainers: [init],
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }],
      },
    ),
  );
  const node = (declaredFeatures: string[]) =>
    kept({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { declaredFeatures, allocatable: { cpu: '8', memory: '1Gi' } } } as KubeObject);
  const less = { requests: { cpu: '1500m' } };
  const resized = (change: object, ...there: KubeObject[]) =>
    message(outcome(stateWith(running, ...there), update('pods', { ...running, spec: { ...running.spec!, ...change } }, 'resize')).refused);

  it.each([
    {
      name: 'is not needed for another size of a container',
      change: { containers: [{ ...running.spec!.containers[0]!, resources: less }] },
      feature: undefined,
    },
    { name: 'is needed for another size of a pod', change: { resources: less }, feature: 'InPlacePodLevelResourcesVerticalScaling' },
    {
      name: 'is needed for another size of an init container',
      change: { initContainers: [{ ...running.spec!.initContainers![0]!, resources: less }] },
      feature: 'InPlacePodVerticalScalingInitContainers',
    },
  ])('$name', ({ change, feature }) => {
    expect(resized(change, node([]))).toBe(feature && `pods "a" is forbidden: pod update requires features ${feature} which are not available on node "n"`);
    expect(resized(change, node(feature ? [feature] : []))).toBeUndefined();
  });

  it('cannot be told of a node that is gone', () => {
    expect(resized({ resources: less })).toBe('pods "a" is forbidden: node "n" not found');
  });
});

it('A new Node takes no pods before it is ready', () => {
  expect(create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }).object!.spec).toEqual({
    taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
  });
});

it('The namespaces of every cluster stay, and a missing one is found out before anything else is', () => {
  expect(outcome(stateWith(), { type: 'delete', resource: 'namespaces', name: 'default' }).refused).toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
  expect(outcome(stateWith(kept(namespace('n'))), { type: 'delete', resource: 'namespaces', name: 'n' }).events).toEqual(['MODIFIED']);
  expect(message(create('configmaps', configMap({ name: 'In_valid', namespace: 'nowhere' })).refused)).toBe('namespaces "nowhere" not found');
});
