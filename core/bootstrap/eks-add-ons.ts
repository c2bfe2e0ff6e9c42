import type { KubeObject } from '../kube/object.ts';
import { release } from '../schema/release.ts';

/**
 * What EKS installs in a new cluster: CoreDNS, kube-proxy and the VPC CNI, with the names, labels, images and settings by which they are looked for and changed
 * (`kubectl -n kube-system set env ds aws-node …`).
 */
export const eksAddOns = (region: string): KubeObject[] => [...coreDns(region), ...kubeProxy(region), ...vpcCni(region)];

/** Of the account that EKS' own images are in. */
const image = (region: string, name: string): string => `602401143452.dkr.ecr.${region}.amazonaws.com/${name}`;

const onLinux = (...more: object[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [
      {
        matchExpressions: [
          { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
          { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
          ...more,
        ],
      },
    ],
  },
});

const object = (apiVersion: string, kind: string, name: string, labels: Record<string, string> | undefined, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(!CLUSTER_SCOPED.includes(kind) && { namespace: 'kube-system' }), ...(labels && { labels }) },
  ...rest,
});

const CLUSTER_SCOPED = ['ClusterRole', 'ClusterRoleBinding'];

const RBAC = 'rbac.authorization.k8s.io';

function binding(name: string, role: string, account: string, labels: Record<string, string>): KubeObject {
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }];
  return object(`${RBAC}/v1`, 'ClusterRoleBinding', name, labels, { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role }, subjects });
}

function coreDns(region: string): KubeObject[] {
  const labels = { 'eks.amazonaws.com/component': 'coredns', 'k8s-app': 'kube-dns' };
  const serviceLabels = {
    'eks.amazonaws.com/component': 'kube-dns',
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'CoreDNS',
  };
  const get = ['list', 'watch'];
  const service = object('v1', 'Service', 'kube-dns', serviceLabels, {
    spec: {
      // The tenth address of the range, as kubelets have it in their settings.
      clusterIP: '10.96.0.10',
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  });
  service.metadata.annotations = { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' };
  return [
    object('v1', 'ServiceAccount', 'coredns', labels),
    object(`${RBAC}/v1`, 'ClusterRole', 'system:coredns', labels, {
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: get },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: get },
      ],
    }),
    binding('system:coredns', 'system:coredns', 'coredns', labels),
    object('v1', 'ConfigMap', 'coredns', labels, { data: { Corefile: COREFILE } }),
    object(
      'apps/v1',
      'Deployment',
      'coredns',
      { ...labels, 'kubernetes.io/name': 'CoreDNS' },
      {
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
          template: { metadata: { labels }, spec: coreDnsPod(region) },
        },
      },
    ),
    service,
    object('policy/v1', 'PodDisruptionBudget', 'coredns', labels, { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }),
  ];
}

const COREFILE = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

function coreDnsPod(region: string): object {
  const probe = (path: string, port: number, more: object) => ({ httpGet: { path, port, scheme: 'HTTP' }, ...more });
  const apart = {
    weight: 100,
    podAffinityTerm: {
      labelSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] },
      topologyKey: 'kubernetes.io/hostname',
    },
  };
  return {
    serviceAccountName: 'coredns',
    priorityClassName: 'system-cluster-critical',
    dnsPolicy: 'Default',
    affinity: { nodeAffinity: onLinux(), podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [apart] } },
    tolerations: [
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    containers: [
      {
        name: 'coredns',
        image: image(region, 'eks/coredns:v1.14.3-eksbuild.11'),
        imagePullPolicy: 'IfNotPresent',
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
          { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
        ],
        resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
        livenessProbe: probe('/health', 8080, { initialDelaySeconds: 60, timeoutSeconds: 5, failureThreshold: 5 }),
        readinessProbe: probe('/ready', 8181, {}),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
    volumes: [{ name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
  };
}

function kubeProxy(region: string): KubeObject[] {
  const labels = { 'eks.amazonaws.com/component': 'kube-proxy', 'k8s-app': 'kube-proxy' };
  const ofPods = { 'k8s-app': 'kube-proxy' };
  const mounts = { varlog: '/var/log', 'xtables-lock': '/run/xtables.lock', 'lib-modules': '/lib/modules' };
  const configs = { kubeconfig: ['/var/lib/kube-proxy/', 'kube-proxy'], config: ['/var/lib/kube-proxy-config/', 'kube-proxy-config'] } as const;
  return [
    object('v1', 'ServiceAccount', 'kube-proxy', labels),
    binding('eks:kube-proxy', 'system:node-proxier', 'kube-proxy', labels),
    object('v1', 'ConfigMap', 'kube-proxy', labels, { data: { kubeconfig: KUBECONFIG } }),
    object('v1', 'ConfigMap', 'kube-proxy-config', labels, { data: { config: PROXY_CONFIG } }),
    object('apps/v1', 'DaemonSet', 'kube-proxy', labels, {
      spec: {
        selector: { matchLabels: ofPods },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        template: {
          metadata: { labels: ofPods },
          spec: {
            serviceAccountName: 'kube-proxy',
            priorityClassName: 'system-node-critical',
            hostNetwork: true,
            affinity: { nodeAffinity: onLinux({ key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate', 'auto'] }) },
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'kube-proxy',
                image: image(region, `eks/kube-proxy:${release.version}-minimal-eksbuild.1`),
                imagePullPolicy: 'IfNotPresent',
                command: ['kube-proxy', '--v=2', '--config=/var/lib/kube-proxy-config/config', '--hostname-override=$(NODE_NAME)'],
                env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                resources: { requests: { cpu: '100m' } },
                securityContext: { privileged: true },
                volumeMounts: [
                  ...Object.entries(mounts).map(([name, mountPath]) => ({ name, mountPath, ...(name === 'lib-modules' && { readOnly: true }) })),
                  ...Object.entries(configs).map(([name, [mountPath]]) => ({ name, mountPath })),
                ],
              },
            ],
            volumes: [
              ...Object.entries(mounts).map(([name, path]) => ({ name, hostPath: { path, ...(name === 'xtables-lock' && { type: 'FileOrCreate' }) } })),
              ...Object.entries(configs).map(([name, [, map]]) => ({ name, configMap: { name: map } })),
            ],
          },
        },
      },
    }),
  ];
}

const KUBECONFIG = `kind: Config
apiVersion: v1
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: https://kubernetes.default.svc
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
`;

const PROXY_CONFIG = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
bindAddress: 0.0.0.0
clientConnection:
  kubeconfig: /var/lib/kube-proxy/kubeconfig
clusterCIDR: ""
conntrack:
  maxPerCore: 32768
  min: 131072
mode: "iptables"
`;

/** The CNI's name in labels is that of its Helm chart. */
const CNI = 'v1.23.1';

function vpcCni(region: string): KubeObject[] {
  const ofPods = { 'app.kubernetes.io/instance': 'aws-vpc-cni', 'app.kubernetes.io/name': 'aws-node', 'k8s-app': 'aws-node' };
  const labels = { ...ofPods, 'app.kubernetes.io/version': CNI };
  const reading = ['list', 'watch', 'get'];
  return [
    object('v1', 'ServiceAccount', 'aws-node', labels),
    object(`${RBAC}/v1`, 'ClusterRole', 'aws-node', labels, {
      rules: [
        { apiGroups: ['crd.k8s.amazonaws.com'], resources: ['eniconfigs'], verbs: reading },
        { apiGroups: [''], resources: ['namespaces', 'pods', 'nodes'], verbs: reading },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'list'] },
        { apiGroups: ['networking.k8s.aws'], resources: ['policyendpoints', 'clusterpolicyendpoints'], verbs: reading },
        { apiGroups: ['networking.k8s.aws'], resources: ['policyendpoints/status', 'clusterpolicyendpoints/status'], verbs: ['get'] },
        { apiGroups: ['vpcresources.k8s.aws'], resources: ['cninodes'], verbs: [...reading, 'patch'] },
      ],
    }),
    binding('aws-node', 'aws-node', 'aws-node', labels),
    object('v1', 'ConfigMap', 'amazon-vpc-cni', labels, {
      data: {
        'branch-eni-cooldown': '60',
        'enable-network-policy-controller': 'false',
        'enable-windows-ipam': 'false',
        'enable-windows-prefix-delegation': 'false',
        'minimum-ip-target': '3',
        'warm-ip-target': '1',
        'warm-prefix-target': '0',
      },
    }),
    object('apps/v1', 'DaemonSet', 'aws-node', labels, {
      spec: {
        selector: { matchLabels: { 'k8s-app': 'aws-node' } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        template: { metadata: { labels: ofPods }, spec: vpcCniPod(region) },
      },
    }),
  ];
}

function vpcCniPod(region: string): object {
  const nodeName = { name: 'MY_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } };
  const podName = { name: 'MY_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
  const probe = {
    exec: { command: ['/app/grpc-health-probe', '-addr=unix:///var/run/aws-node/ipamd.sock', '-connect-timeout=5s', '-rpc-timeout=5s'] },
    timeoutSeconds: 10,
  };
  const small = { resources: { requests: { cpu: '25m' } }, imagePullPolicy: 'IfNotPresent' };
  const paths = {
    'bpf-pin-path': ['/sys/fs/bpf', '/sys/fs/bpf'],
    'cni-bin-dir': ['/opt/cni/bin', '/host/opt/cni/bin'],
    'cni-net-dir': ['/etc/cni/net.d', '/host/etc/cni/net.d'],
    'log-dir': ['/var/log/aws-routed-eni', '/host/var/log/aws-routed-eni'],
    'run-dir': ['/var/run/aws-node', '/var/run/aws-node'],
    'xtables-lock': ['/run/xtables.lock', '/run/xtables.lock'],
  } as const;
  const types: Record<string, string> = { 'log-dir': 'DirectoryOrCreate', 'run-dir': 'DirectoryOrCreate', 'xtables-lock': 'FileOrCreate' };
  const mounts = (...names: (keyof typeof paths)[]) => names.map((name) => ({ name, mountPath: paths[name][1] }));
  return {
    serviceAccountName: 'aws-node',
    priorityClassName: 'system-node-critical',
    hostNetwork: true,
    terminationGracePeriodSeconds: 10,
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: onLinux({ key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate', 'hybrid', 'auto'] }) },
    initContainers: [
      {
        name: 'aws-vpc-cni-init',
        image: image(region, `amazon-k8s-cni-init:${CNI}`),
        env: Object.entries({ DISABLE_TCP_EARLY_DEMUX: 'false', ENABLE_IPv6: 'false' }).map(([name, value]) => ({ name, value })),
        ...small,
        securityContext: { privileged: true },
        volumeMounts: mounts('cni-bin-dir'),
      },
    ],
    containers: [
      {
        name: 'aws-node',
        image: image(region, `amazon-k8s-cni:${CNI}`),
        env: [...Object.entries(CNI_SETTINGS).map(([name, value]) => ({ name, value })), nodeName, podName],
        ports: [{ name: 'metrics', containerPort: 61678 }],
        livenessProbe: { ...probe, initialDelaySeconds: 60 },
        readinessProbe: { ...probe, initialDelaySeconds: 1 },
        ...small,
        securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
        volumeMounts: mounts('cni-bin-dir', 'cni-net-dir', 'log-dir', 'run-dir', 'xtables-lock'),
      },
      {
        name: 'aws-eks-nodeagent',
        image: image(region, 'amazon/aws-network-policy-agent:v1.4.2'),
        args: ['--enable-ipv6=false', '--enable-network-policy=false', '--metrics-bind-addr=:8162', '--health-probe-bind-addr=:8163', '--log-level=debug'],
        env: [nodeName],
        ports: [{ name: 'agentmetrics', containerPort: 8162 }],
        ...small,
        securityContext: { capabilities: { add: ['NET_ADMIN'] }, privileged: true },
        volumeMounts: mounts('cni-bin-dir', 'bpf-pin-path', 'log-dir', 'run-dir'),
      },
    ],
    volumes: Object.entries(paths).map(([name, [path]]) => ({ name, hostPath: { path, ...(types[name] && { type: types[name] }) } })),
  };
}

/** The settings that labs change, as they are at first. */
const CNI_SETTINGS = {
  ADDITIONAL_ENI_TAGS: '{}',
  AWS_VPC_CNI_NODE_PORT_SUPPORT: 'true',
  AWS_VPC_ENI_MTU: '9001',
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'false',
  AWS_VPC_K8S_CNI_EXTERNALSNAT: 'false',
  AWS_VPC_K8S_CNI_LOGLEVEL: 'DEBUG',
  AWS_VPC_K8S_CNI_LOG_FILE: '/host/var/log/aws-routed-eni/ipamd.log',
  AWS_VPC_K8S_CNI_RANDOMIZESNAT: 'prng',
  AWS_VPC_K8S_CNI_VETHPREFIX: 'eni',
  AWS_VPC_K8S_PLUGIN_LOG_FILE: '/var/log/aws-routed-eni/plugin.log',
  AWS_VPC_K8S_PLUGIN_LOG_LEVEL: 'DEBUG',
  DISABLE_INTROSPECTION: 'false',
  DISABLE_METRICS: 'false',
  DISABLE_NETWORK_RESOURCE_PROVISIONING: 'false',
  ENABLE_IMDS_ONLY_MODE: 'false',
  ENABLE_IPv4: 'true',
  ENABLE_IPv6: 'false',
  ENABLE_MULTI_NIC: 'false',
  ENABLE_POD_ENI: 'false',
  ENABLE_PREFIX_DELEGATION: 'false',
  ENABLE_SUBNET_DISCOVERY: 'true',
  NETWORK_POLICY_ENFORCING_MODE: 'standard',
  VPC_CNI_VERSION: CNI,
  WARM_ENI_TARGET: '1',
  WARM_PREFIX_TARGET: '1',
};
