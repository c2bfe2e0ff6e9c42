import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import type { Deployment } from '../../../schema/generated/kinds.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { START } from '../../../testing/env.ts';
import { type BoundPodOptions, boundPod, line, running } from '../../../testing/node-agents.ts';
import { wholeCluster } from '../../../testing/whole-cluster.ts';
import { encodeName } from '../../../x509/distinguished-name.ts';
import { issue } from '../../../x509/issue.ts';
import { pemOf } from '../../../x509/pem.ts';

/** The service account of the pod may do all in its namespace, and read all that is in none. */
const admin: KubeObject[] = [
  role('ClusterRole', { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }),
  role('ClusterRoleBinding', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: 'default' }],
  }),
];

function role(kind: string, more: object): KubeObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'r' }, ...more } as KubeObject;
}

const deployment = (more: object = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', generation: 1 },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
      ...more,
    },
  }) as KubeObject;

const configMap = (name: string, data: Record<string, string>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }) as KubeObject;

interface Options {
  readonly objects?: readonly KubeObject[];
  readonly seconds?: number;
  readonly rules?: readonly KubeObject[];
  readonly container?: BoundPodOptions['container'];
  readonly volumes?: object[];
}

/** A pod that runs a script with kubectl, some seconds later. */
async function ran(script: string, { objects = [], seconds = 5, rules = admin, container, volumes }: Options = {}): Promise<Cluster> {
  const bound = boundPod({
    restartPolicy: 'Never',
    serviceAccountName: 'worker',
    container: { image: 'bitnami/kubectl', command: ['sh', '-ec', script], terminationMessagePolicy: 'FallbackToLogsOnError', ...container },
  });
  const pod = volumes ? { ...bound, spec: { ...bound.spec!, volumes } } : bound;
  return running([...rules, ...objects, pod as typeof bound], { seconds });
}

const end = (cluster: Cluster) => line(cluster.pod('web')!.status).replace('main=', '');
const said = (cluster: Cluster) => cluster.pod('web')!.status!.containerStatuses![0]!.state!.terminated?.message;
const spec = (cluster: Cluster, object: KubeObject) => (cluster.get(object) as Deployment).spec!;

describe('kubectl in a pod', () => {
  it('restarts a rollout, as its service account', async () => {
    const cluster = await ran('kubectl rollout restart deployment/web', { objects: [deployment()] });
    expect(end(cluster)).toBe('Succeeded Completed(0)');
    expect(spec(cluster, deployment()).template.metadata!.annotations).toEqual({ 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' });
    const [change] = cluster.changes.filter(({ key, type }) => key === 'deployments.apps/default/web' && type === 'MODIFIED');
    expect(change!.actor.username).toBe('system:serviceaccount:default:worker');
  });

  it('does once what it does, however often its pod is looked at', async () => {
    const cluster = await ran('kubectl scale deploy web --replicas=5; sleep 60', { objects: [deployment()] });
    await cluster.put(deployment({ replicas: 3 }));
    cluster.restart();
    await cluster.runUntil(START + 70_000);
    expect(end(cluster)).toBe('Succeeded Completed(0)');
    expect(spec(cluster, deployment()).replicas).toBe(3);
  });

  it('does each round of a loop anew', async () => {
    const cluster = await ran('while true; do kubectl annotate configmap a --overwrite "at=$(date +%s)"; sleep 60; done', {
      objects: [configMap('a', {})],
      seconds: 150,
    });
    expect(cluster.get(configMap('a', {})).metadata.annotations).toEqual({ at: String(START / 1000 + 120) });
  });

  it.each(['null', '1', '{"main 0":null}', '{"main 0":{"x":1}}', '{"main 0":{"x":[{"exitCode":"a"}]}}', '{'])(
    'does not mind what stands where it keeps what it is told: %s',
    async (kept) => {
      const container = { image: 'bitnami/kubectl', command: ['sh', '-c', 'kubectl create configmap a; kubectl create configmap b'] };
      const bound = boundPod({ restartPolicy: 'Never', serviceAccountName: 'worker', container });
      const cluster = await running([...admin, { ...bound, metadata: { ...bound.metadata, annotations: { 'logplane.dev/api-calls': kept } } }], { seconds: 5 });
      expect(end(cluster)).toBe('Succeeded Completed(0)');
    },
  );

  it('is not told more than its pod can keep', async () => {
    const kept = JSON.stringify({ 'web 7': { pad: [{ exitCode: 0, at: 0, output: 'x'.repeat(64 * 1024) }] } });
    const bound = boundPod({
      restartPolicy: 'Never',
      serviceAccountName: 'worker',
      container: { image: 'bitnami/kubectl', command: ['kubectl', 'create', 'configmap', 'a'] },
    });
    const cluster = await running([...admin, { ...bound, metadata: { ...bound.metadata, annotations: { 'logplane.dev/api-calls': kept } } }], { seconds: 5 });
    expect(end(cluster)).toBe('Running running+ready');
    expect(cluster.state.get('configmaps', 'default', 'a')).toBeUndefined();
  });

  it.each([
    ['kubectl scale deployment web --replicas=4', { replicas: 4 }],
    ['kubectl scale --current-replicas=2 --replicas=0 deployment/web', { replicas: 0 }],
    [
      `kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nginx:1.28"}]}}}}'`,
      { image: 'nginx:1.28', replicas: 2 },
    ],
    [`kubectl patch deploy/web --type=merge -p 'spec: {replicas: 7}'`, { replicas: 7 }],
    [`kubectl patch deploy/web --type json -p='[{"op":"replace","path":"/spec/replicas","value":1}]'`, { replicas: 1 }],
    ['kubectl set image deployment/web main=nginx:1.29', { image: 'nginx:1.29' }],
    ['kubectl set image deploy web *=nginx:2', { image: 'nginx:2' }],
    ['kubectl set env deployment/web A=b', { env: [{ name: 'A', value: 'b' }] }],
    ['kubectl rollout pause deployment/web', { paused: true }],
  ])('%s', async (command, want) => {
    const cluster = await ran(command, { objects: [deployment()] });
    expect(end(cluster)).toBe('Succeeded Completed(0)');
    const { template, ...rest } = spec(cluster, deployment());
    expect({ ...rest, ...template.spec!.containers[0] }).toMatchObject(want);
  });

  it.each([
    ['kubectl rollout restart deployment/no', 'Error from server (NotFound): deployments.apps "no" not found\n'],
    ['kubectl rollout restart configmap/a', 'error: configmaps "a" restarting is not supported\n'],
    ['kubectl scale deployment web', 'error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0\n'],
    ['kubectl scale deployment web --current-replicas=3 --replicas=1', 'error: Expected replicas to be 3, was 2\n'],
    ['kubectl set image deployment/web other=nginx', 'error: unable to find container named "other"\n'],
    [
      'kubectl patch deployment web -p \'{"spec":{"replicas":-1}}\'',
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n',
    ],
    ['kubectl label configmap a x=2', "error: 'x' already has a value (1), and --overwrite is false\n"],
    ['kubectl wait --for=condition=Ready pod/none', 'Error from server (NotFound): pods "none" not found\n'],
    ['kubectl wait --for=condition=Ready pod -l app=none', 'error: no matching resources found\n'],
    ['kubectl wait --for=ready pod/web', 'error: unrecognized condition: "ready"\n'],
    ['kubectl get gizmo x', 'error: the server doesn\'t have a resource type "gizmo"\n'],
    [
      'kubectl exec web -- ls',
      "Error from server (NotImplemented): exec of pods is not supported by this cluster's nodes: containers are simulated, and nothing is executed\n",
    ],
    ['kubectl apply -f /none.yaml', 'error: the path "/none.yaml" does not exist\n'],
    ['kubectl frobnicate', 'error: unknown command "frobnicate" for "kubectl"\n'],
    ['kubectl drain node-1', 'error: kubectl drain is not simulated here\n'],
    ['kubectl auth reconcile -f -', 'error: kubectl auth reconcile is not simulated here\n'],
    ['kubectl create quota q --hard=pods=1', 'error: kubectl create quota is not simulated here\n'],
    ['kubectl set resources deploy/web --limits=cpu=1', 'error: kubectl set resources is not simulated here\n'],
    ['kubectl apply -k .', 'error: kubectl apply -k is not simulated here\n'],
  ])('%s fails', async (command, message) => {
    const labelled = { ...configMap('a', {}), metadata: { name: 'a', namespace: 'default', labels: { x: '1' } } };
    const cluster = await ran(command, { objects: [deployment(), labelled] });
    expect(end(cluster)).toBe('Failed Error(1)');
    expect(said(cluster)).toBe(message);
  });

  it.each([
    'describe deploy web',
    'logs deploy/web',
    'version',
    'auth can-i get pods',
    'api-resources',
    'cluster-info',
    'get --raw /healthz',
    'rollout history deploy/web',
  ])('%s changes nothing, and succeeds', async (command) => {
    const cluster = await ran(`kubectl ${command}`, { objects: [deployment()] });
    expect(end(cluster)).toBe('Succeeded Completed(0)');
  });

  it.each([
    'for i in $(seq 1500); do kubectl get configmaps -l a=b 2>/dev/null; done',
    'for i in $(seq 100); do kubectl create --dry-run=client -o name -f /given; done',
  ])('reads no more than a script may cost: %s', async (script) => {
    const cluster = await ran(`${script}; exit 3`, {
      objects: [
        ...Array.from({ length: 200 }, (_, i) => configMap(`c${i}`, {})),
        configMap('given', { 'a.yaml': `# ${'x'.repeat(100_000)}\n{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}` }),
      ],
      container: { volumeMounts: [{ name: 'given', mountPath: '/given' }] },
      volumes: [{ name: 'given', configMap: { name: 'given' } }],
    });
    expect(end(cluster)).toBe('Succeeded Completed(0)');
  });

  it.each<{ script: string; want: string; made?: readonly [string, string, object]; objects?: readonly KubeObject[] }>([
    {
      script: 'kubectl run job -l a=b --image=busybox --restart=Never --env=X=1 --port=80 --command -- sleep 5',
      want: 'pod/job created\n',
      made: [
        'pods',
        'job',
        {
          metadata: { labels: { a: 'b' } },
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'job', image: 'busybox', command: ['sleep', '5'], env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] }],
          },
        },
      ],
    },
    {
      script: `kubectl get cm a -o json | kubectl replace -f -; echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"y":"2"}}' | kubectl replace -f -`,
      want: 'configmap/a replaced\nconfigmap/a replaced\n',
      made: ['configmaps', 'a', { data: { y: '2' } }],
    },
    {
      script: `echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"none"}}' | kubectl replace -f -`,
      want: 'Error from server (NotFound): error when replacing "STDIN": configmaps "none" not found\n',
    },
    {
      script: 'some-generator | kubectl apply -f -',
      want: 'error: what comes from standard input is not simulated here\n',
    },
    {
      script: 'kubectl create role r --verb=get,list --resource=po,deployments.apps/scale --resource-name=x',
      want: 'role.rbac.authorization.k8s.io/r created\n',
      made: [
        'roles.rbac.authorization.k8s.io',
        'r',
        {
          rules: [
            { apiGroups: [''], resources: ['pods'], resourceNames: ['x'], verbs: ['get', 'list'] },
            { apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: ['x'], verbs: ['get', 'list'] },
          ],
        },
      ],
    },
    {
      script: 'kubectl create rolebinding b --clusterrole=view --user=jane --group=g --serviceaccount=default:worker',
      want: 'rolebinding.rbac.authorization.k8s.io/b created\n',
      made: [
        'rolebindings.rbac.authorization.k8s.io',
        'b',
        {
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects: [
            { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' },
            { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'g' },
            { kind: 'ServiceAccount', name: 'worker', namespace: 'default' },
          ],
        },
      ],
    },
    { script: 'kubectl create role r --verb=get', want: 'error: at least one resource must be specified\n' },
    { script: 'kubectl create rolebinding r', want: 'error: exactly one of clusterrole or role must be specified\n' },
    {
      script: 'kubectl autoscale deployment web --min=2 --max=5 --cpu=70%',
      want: 'horizontalpodautoscaler.autoscaling/web autoscaled\n',
      made: [
        'horizontalpodautoscalers.autoscaling',
        'web',
        {
          spec: {
            minReplicas: 2,
            maxReplicas: 5,
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
            metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
          },
        },
      ],
    },
    { script: 'kubectl autoscale deployment web --min=2', want: 'error: --max=MAXPODS is required and must be at least 1, max: -1\n' },
    {
      script: 'kubectl expose deployment web --port=80 --target-port=http -l x=y --name=front',
      want: 'service/front exposed\n',
      made: [
        'services',
        'front',
        { metadata: { labels: { x: 'y' } }, spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP', targetPort: 'http' }] } },
      ],
    },
    { script: 'kubectl expose deployment web', want: "error: couldn't find port via --port flag or introspection\n" },
    { script: 'kubectl expose configmap a --port=1', want: 'error: cannot expose a ConfigMap\n' },
    { script: 'kubectl run x --image=busybox -it --rm', want: 'error: kubectl run -i is not simulated here\n' },
  ])('$script', async ({ script, want, made }) => {
    const cluster = await ran(`${script} || true; exit 1`, { objects: [deployment(), configMap('a', { x: '1' })] });
    expect(said(cluster)).toBe(want);
    if (made) expect(cluster.state.get(made[0], 'default', made[1])).toMatchObject(made[2]);
  });

  it('taints nodes', async () => {
    const words = ['a=b:NoSchedule', 'a=c:NoSchedule', 'a=c:NoSchedule --overwrite', 'x:NoExecute a-', 'none-', 'x:NoExecute-'];
    const cluster = await ran(
      `${words.map((word) => `kubectl taint nodes node-1 ${word} || true`).join('\n')}\nkubectl taint no node-1 last:PreferNoSchedule; exit 1`,
    );
    expect(said(cluster)!.split('\n')).toEqual([
      'node/node-1 tainted',
      'error: node node-1 already has a taint(s) with same effect(s) and --overwrite is false',
      'node/node-1 modified',
      'node/node-1 modified',
      'error: taint "none" not found',
      'node/node-1 untainted',
      'node/node-1 tainted',
      '',
    ]);
    expect(cluster.list('nodes')[0]!.spec!.taints).toEqual([{ key: 'last', effect: 'PreferNoSchedule' }]);
  });

  it('cordons nodes', async () => {
    const cluster = await ran('kubectl cordon node-1; kubectl cordon node-1; kubectl uncordon node-1; exit 1');
    expect(said(cluster)).toBe('node/node-1 cordoned\nnode/node-1 already cordoned\nnode/node-1 uncordoned\n');
    expect(cluster.list('nodes')[0]!.spec).not.toHaveProperty('unschedulable');
  });

  it('is refused what its roles do not permit', async () => {
    const cluster = await ran('kubectl rollout restart deployment/web', { objects: [deployment()], rules: [] });
    expect(said(cluster)).toBe(
      'Error from server (Forbidden): deployments.apps "web" is forbidden: User "system:serviceaccount:default:worker" cannot get resource "deployments" in API group "apps" in the namespace "default"\n',
    );
    const reads = [role('ClusterRole', { rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] }] }), admin[1]!];
    const scaled = await ran('kubectl scale deployment/web --replicas=1', { objects: [deployment()], rules: reads });
    expect(said(scaled)).toContain('cannot patch resource "deployments/scale" in API group "apps" in the namespace "default"');
  });

  it('goes on by whether it succeeds', async () => {
    const cluster = await ran(
      'if kubectl get configmap a; then kubectl label configmap a seen=yes; else kubectl create configmap a; fi; kubectl get cm b || kubectl create cm b --from-literal=x=y',
      {
        objects: [configMap('a', {})],
      },
    );
    expect(cluster.get(configMap('a', {})).metadata.labels).toEqual({ seen: 'yes' });
    expect(cluster.get(configMap('b', {}))).toMatchObject({ data: { x: 'y' } });
  });

  it('reads by paths', async () => {
    const cluster = await ran(
      `X=$(kubectl get configmap a -o jsonpath='{.data.x}'); kubectl create configmap b --from-literal=copy=$X; kubectl get cm/b -o name; exit 1`,
      {
        objects: [configMap('a', { x: '7' })],
      },
    );
    expect(cluster.get(configMap('b', {}))).toMatchObject({ data: { copy: '7' } });
    expect(said(cluster)).toBe('configmap/b created\nconfigmap/b\n');
  });
});

describe('kubectl get in a pod', () => {
  const objects = [deployment({ replicas: 3 }), configMap('a', { x: '1' })];

  it.each([
    ['kubectl get deploy', 'NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    0/3     0            0           0s\n'],
    ['kubectl get cm -A --no-headers', 'default   a     1     0s\n'],
    ['kubectl get configmap a -o wide', 'NAME   DATA   AGE\na      1      0s\n'],
    ['kubectl get cm --no-headers | wc -l', '1\n'],
    ['kubectl get secrets', 'No resources found in default namespace.\n'],
    ['kubectl get cm/a -o name', 'configmap/a\n'],
    [`kubectl get cm -o jsonpath='{.items[*].metadata.name}'`, 'a'],
  ])('%s', async (command, want) => {
    const cluster = await ran(`${command}; exit 1`, { objects });
    expect(said(cluster)).toBe(want);
  });

  it('has a script wait for what it reads', async () => {
    const cluster = await ran('until kubectl get pod other | grep Running; do sleep 2; done', { objects: [boundPod({ name: 'other' })] });
    expect(end(cluster)).toBe('Succeeded Completed(0)');
  });
});

describe('kubectl apply in a pod', () => {
  const manifest = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: ${data}\n`;
  const mounted = (files: Record<string, string>): Options => ({
    objects: [configMap('files', files)],
    volumes: [{ name: 'files', configMap: { name: 'files' } }],
    container: { volumeMounts: [{ name: 'files', mountPath: '/files' }] },
  });

  it('takes a file that is mounted, and a directory of them', async () => {
    const files = { 'a.yaml': `${manifest('{x: "1"}')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: made}\n`, 'note.txt': '{' };
    for (const path of ['/files/a.yaml', '/files']) {
      const cluster = await ran(`kubectl apply -f ${path}`, mounted(files));
      expect(end(cluster)).toBe('Succeeded Completed(0)');
      const { data, metadata } = cluster.get(configMap('made', {})) as ReturnType<typeof configMap> & { data: object };
      expect(data).toEqual({ x: '1' });
      expect(metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']).toBe(
        '{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"made","namespace":"default"}}\n',
      );
      expect(cluster.state.get('serviceaccounts', 'default', 'made')).toBeDefined();
    }
  });

  it('takes what a script has written, and takes out what is not applied any more', async () => {
    const here = (data: string) => `kubectl apply -f - <<EOF\n${manifest(data)}EOF\n`;
    const cluster = await ran(`${here('{x: "1", y: "2"}')}${here('{x: "3"}')}${here('{x: "3"}')}exit 1`);
    expect(cluster.get(configMap('made', {}))).toMatchObject({ data: { x: '3' } });
    expect((cluster.get(configMap('made', {})) as { data?: object }).data).not.toHaveProperty('y');
    expect(said(cluster)).toBe('configmap/made created\nconfigmap/made configured\nconfigmap/made unchanged\n');
  });

  it('merges the lists of a type by their keys', async () => {
    const container = (name: string, image: string) => `{name: ${name}, image: ${image}}`;
    const web = (containers: string[]) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [${containers.join()}]}}}\n`;
    const [first, second] = [web([container('a', 'a:1'), container('b', 'b:1')]), web([container('a', 'a:2')])];
    const sidecar = `kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"c:1"}]}}}}'`;
    const cluster = await ran(`kubectl apply -f /files/1.yaml; ${sidecar}; kubectl apply -f /files/2.yaml`, mounted({ '1.yaml': first, '2.yaml': second }));
    const containers = spec(cluster, deployment()).template.spec!.containers;
    expect(containers.map(({ name, image }) => `${name}=${image}`).sort()).toEqual(['a=a:2', 'c=c:1']);
  });

  it('takes what another one has made', async () => {
    const cluster = await ran('kubectl create configmap made --from-literal=x=1 --dry-run=client -o yaml | kubectl apply -f -');
    expect(cluster.get(configMap('made', {}))).toMatchObject({ data: { x: '1' } });
  });

  it.each([
    ['a: [', /^error: error parsing \/files\/a.yaml: error converting YAML to JSON: yaml: /],
    ['['.repeat(100_000), /exceeded max depth/],
    ['- '.repeat(100_000), /exceeded max depth/],
    ['a: &a [x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n', /^error: error/],
    ['kind: A', /apiVersion not set/],
    ['kind: 1\napiVersion: 2\n', /^error: unable to decode/],
    ['[]', /^error: unable to decode/],
  ])('fails for what is no object: %#', async (text, want) => {
    const cluster = await ran('kubectl apply -f /files/a.yaml', mounted({ 'a.yaml': text }));
    expect(said(cluster)).toMatch(want);
  });

  it('fails for a kind that is not there', async () => {
    const cluster = await ran('kubectl apply -f /files/a.yaml', mounted({ 'a.yaml': 'apiVersion: x.io/v1\nkind: Gizmo\nmetadata: {name: g}\n' }));
    expect(said(cluster)).toBe(
      'error: resource mapping not found for name: "g" namespace: "" from "/files/a.yaml": no matches for kind "Gizmo" in version "x.io/v1"\nensure CRDs are installed first\n',
    );
  });
});

describe('kubectl that waits', () => {
  const ready = (status: 'True' | 'False') => ({
    ...deployment(),
    status: { observedGeneration: 1, conditions: [{ type: 'Available', status, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  });

  it('goes on when a condition is met', async () => {
    const cluster = await ran('kubectl wait --for=condition=Available deployment/web --timeout=60s; sleep 10; kubectl label deployment web done=yes', {
      objects: [deployment()],
      seconds: 20,
    });
    expect(end(cluster)).toBe('Running running+ready');
    await cluster.put(ready('False'));
    await cluster.settle();
    expect(cluster.nextWakeup).toBe(START + 60_000);
    await cluster.put(ready('True'));
    await cluster.runUntil(START + 29_000);
    expect(cluster.get(deployment()).metadata.labels).toBeUndefined();
    await cluster.runUntil(START + 31_000);
    expect(cluster.get(deployment()).metadata.labels).toEqual({ done: 'yes' });
    expect(cluster.pod('web')!.status!.containerStatuses![0]!.state!.terminated!.finishedAt).toBe('2026-01-01T00:00:30Z');
  });

  it('fails when its time is over', async () => {
    const cluster = await ran('kubectl wait --for=condition=Available deployment/web', { objects: [deployment()], seconds: 31 });
    expect(said(cluster)).toBe('error: timed out waiting for the condition on deployments/web\n');
  });

  it('waits for what a path says, for an object to come and for one to go', async () => {
    const script = [
      `kubectl wait --for=jsonpath='{.data.state}'=done configmap/a`,
      'kubectl wait --for=create configmap/b',
      'kubectl wait --for=delete configmap/a',
      'kubectl create configmap after',
    ].join('; ');
    const cluster = await ran(script, { objects: [configMap('a', { state: 'begun' })] });
    await cluster.put(configMap('a', { state: 'done' }));
    await cluster.settle();
    await cluster.put(configMap('b', {}));
    await cluster.settle();
    expect(cluster.state.get('configmaps', 'default', 'after')).toBeUndefined();
    await cluster.delete(configMap('a', {}));
    await cluster.settle();
    expect(end(cluster)).toBe('Succeeded Completed(0)');
    expect(cluster.state.get('configmaps', 'default', 'after')).toBeDefined();
  });

  it('sees a rollout to its end', async () => {
    const status = (updatedReplicas: number, availableReplicas: number, more: object = {}) => ({
      ...deployment(),
      status: { observedGeneration: 1, replicas: updatedReplicas, updatedReplicas, availableReplicas, ...more },
    });
    const script = 'kubectl rollout status deployment/web; exit 3';
    const cluster = await ran(script, { objects: [status(2, 1)] });
    expect(end(cluster)).toBe('Running running+ready');
    await cluster.put(status(2, 2));
    await cluster.settle();
    expect([end(cluster), said(cluster)]).toEqual(['Failed Error(3)', 'deployment "web" successfully rolled out\n']);
    const stuck = status(2, 1, { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] });
    expect(said(await ran(script, { objects: [stuck] }))).toBe('error: deployment "web" exceeded its progress deadline\n');
  });

  it('asks again until something is there, without a step that waits', async () => {
    const cluster = await ran('until kubectl get configmap a; do sleep 2; done; kubectl create configmap b', { seconds: 60 });
    const steps = cluster.mutations.length;
    await cluster.runUntil(START + 121_000);
    expect(cluster.mutations.length).toBe(steps);
    await cluster.put({ ...configMap('a', {}), metadata: { name: 'a', namespace: 'default', creationTimestamp: '2026-01-01T00:02:01Z' } });
    await cluster.runUntil(START + 124_000);
    expect(cluster.state.get('configmaps', 'default', 'b')!.metadata.creationTimestamp).toBe('2026-01-01T00:02:02Z');
  });
});

describe('kubectl rollout undo', () => {
  it.each([
    ['Deployment', 'deployment.apps/web'],
    ['StatefulSet', 'statefulset.apps/web'],
    ['DaemonSet', 'daemonset.apps/web'],
  ])('of a %s goes back to the template before, or to one of them', async (kind, name) => {
    const [clusterRole, binding] = admin;
    const undo = `kubectl rollout undo ${name}`;
    const image = (tag: string) => `kubectl set image ${name} main=nginx:${tag}; sleep 5`;
    const script = [
      `${undo} || true`,
      image('2'),
      image('3'),
      undo,
      'sleep 5',
      `${undo} --to-revision=1`,
      'sleep 5',
      `${undo} --to-revision=9 || true`,
      'exit 1',
    ];
    const metadata = { name: 'web', namespace: 'default' };
    const labels = { app: 'web' };
    const { selector, template } = (deployment() as Deployment).spec!;
    const cluster = await wholeCluster([
      clusterRole!,
      { ...binding!, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }] } as KubeObject,
      {
        apiVersion: 'apps/v1',
        kind,
        metadata: { ...metadata, labels },
        spec: { selector, template, ...(kind === 'StatefulSet' && { serviceName: 'web' }) },
      } as KubeObject,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              image: 'bitnami/kubectl',
              command: ['sh', '-ec', `sleep 5\n${script.join('\n')}`],
              terminationMessagePolicy: 'FallbackToLogsOnError',
            },
          ],
        },
      } as KubeObject,
    ]);
    const images: string[] = [];
    for (let second = 1; second <= 60; second++) {
      await cluster.runUntil(START + second * 1000);
      const now = (cluster.list(`${kind.toLowerCase()}s.apps`)[0] as Deployment).spec!.template.spec!.containers[0]!.image!;
      if (images.at(-1) !== now) images.push(now);
    }
    expect(images).toEqual(['nginx:1.27', 'nginx:2', 'nginx:3', 'nginx:2', 'nginx:1.27']);
    expect(said(cluster)!.split('\n')).toEqual([
      kind === 'Deployment' ? 'error: no rollout history found for deployment "web"' : 'error: no last revision to roll back to',
      `${name} image updated`,
      `${name} image updated`,
      `${name} rolled back`,
      `${name} rolled back`,
      'error: unable to find specified revision 9 in history',
      '',
    ]);
  });
});

describe('kubectl in a CronJob', () => {
  it('restarts a Deployment, and is done when that is', async () => {
    const named = { name: 'restarter', namespace: 'default' };
    const rbac = (kind: string, more: object) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: named, ...more }) as KubeObject;
    const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 5 };
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27', readinessProbe }] } };
    const command = ['bash', '-c', 'kubectl rollout restart deployment/web && kubectl rollout status deployment/web'];
    const containers = [{ name: 'kubectl', image: 'bitnami/kubectl', command }];
    const job = { backoffLimit: 0, template: { spec: { serviceAccountName: 'restarter', restartPolicy: 'Never', containers } } };
    const cluster = await wholeCluster([
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named },
      rbac('Role', { rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch', 'list', 'watch'] }] }),
      rbac('RoleBinding', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'restarter' },
        subjects: [{ kind: 'ServiceAccount', ...named }],
      }),
      { ...deployment({ replicas: 3, template }), metadata: { name: 'web', namespace: 'default' } },
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'restart', namespace: 'default' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: job } },
      } as KubeObject,
    ]);
    await cluster.runUntil(START + 100_000);
    expect(
      cluster
        .list('replicasets.apps')
        .map(({ status }) => status!.readyReplicas ?? 0)
        .sort(),
    ).toEqual([0, 3]);
    const [done] = cluster.list('jobs.batch');
    // Each of three pods is ready five seconds after its start, and one comes after the other.
    expect(done!.status).toMatchObject({ succeeded: 1, startTime: '2026-01-01T00:01:00Z', completionTime: '2026-01-01T00:01:15Z' });
  });
});

describe('kubectl in a script that installs something', () => {
  it('says and does what kubectl does, of custom resources too', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gizmos.x.io' },
      spec: {
        group: 'x.io',
        scope: 'Namespaced',
        names: { plural: 'gizmos', singular: 'gizmo', kind: 'Gizmo' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
      },
    };
    const applied = (object: object) => `kubectl apply -f - <<END\n${JSON.stringify(object)}\nEND`;
    const script = [
      applied(definition),
      'kubectl wait --for=condition=established crd/gizmos.x.io --timeout=60s',
      applied({ apiVersion: 'x.io/v1', kind: 'Gizmo', metadata: { name: 'g' }, spec: { size: 1 } }),
      `kubectl patch gizmo g --type merge -p '{"spec":{"size":5}}'`,
      `kubectl patch gizmo g -p '{"spec":{"size":6}}' || true`,
      'kubectl create namespace made',
      'kubectl -n made create configmap c --from-literal=a=b',
      'kubectl delete pod victim --now',
      'kubectl wait --for=delete pod/victim --timeout=60s',
      'kubectl create job --from=cronjob/c manual',
      'kubectl wait --for=condition=complete job/manual --timeout=100s',
      'kubectl get gizmo g -o jsonpath=\'{.spec.size}{"\\n"}\'',
      'kubectl label ns made a=b',
      'exit 4',
    ];
    const podSpec = (container: object) => ({ restartPolicy: 'Never', containers: [{ name: 'main', ...container }] });
    const template = { spec: podSpec({ image: 'busybox', command: ['sleep', '5'] }) };
    const metadata = (name: string) => ({ name, namespace: 'default' });
    const [clusterRole, binding] = admin;
    const cluster = await wholeCluster([
      clusterRole!,
      { ...binding!, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }] } as KubeObject,
      { apiVersion: 'v1', kind: 'Pod', metadata: metadata('victim'), spec: { containers: [{ name: 'a', image: 'nginx' }] } } as KubeObject,
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: metadata('c'), spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } } } as KubeObject,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: metadata('web'),
        spec: podSpec({ image: 'bitnami/kubectl', command: ['sh', '-ec', script.join('\n')], terminationMessagePolicy: 'FallbackToLogsOnError' }),
      } as KubeObject,
    ]);
    await cluster.runUntil(START + 60_000);
    expect(said(cluster)!.split('\n')).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/gizmos.x.io created',
      'customresourcedefinition.apiextensions.k8s.io/gizmos.x.io condition met',
      'gizmo.x.io/g created',
      'gizmo.x.io/g patched',
      'error: application/strategic-merge-patch+json is not supported by x.io/v1, Kind=Gizmo: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      'namespace/made created',
      'configmap/c created',
      'pod "victim" deleted from default namespace',
      'job.batch/manual created',
      'job.batch/manual condition met',
      '5',
      'namespace/made labeled',
      '',
    ]);
    expect(end(cluster)).toBe('Failed Error(4)');
  });
});

describe('kubectl create secret', () => {
  const data = (cluster: Cluster, name: string) => {
    const secret = cluster.state.get('secrets', 'default', name)!;
    return [secret.type, Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))];
  };
  const mounted = (files: Record<string, string>): Options => ({
    objects: [configMap('files', files)],
    volumes: [{ name: 'files', configMap: { name: 'files' } }],
    container: { volumeMounts: [{ name: 'files', mountPath: '/files' }] },
  });

  it('docker-registry has what a registry asks for', async () => {
    const cluster = await ran('kubectl create secret docker-registry pull --docker-server=registry.example --docker-username=ada --docker-password=x');
    expect([end(cluster), said(cluster)]).toEqual(['Succeeded Completed(0)', undefined]);
    const auth = Buffer.from('ada:x').toString('base64');
    const config = { auths: { 'registry.example': { username: 'ada', password: 'x', auth } } };
    expect(data(cluster, 'pull')).toEqual(['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': JSON.stringify(config) }]);
  });

  it('docker-registry has a file', async () => {
    const cluster = await ran('kubectl create secret docker-registry pull --from-file=/files/config', mounted({ config: '{"auths":{}}' }));
    expect(data(cluster, 'pull')).toEqual(['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }]);
  });

  it('tls has a certificate and its key', async () => {
    const { crt, key } = certificate();
    const cluster = await ran('kubectl create secret tls web --cert=/files/crt --key=/files/key', mounted({ crt, key }));
    expect(data(cluster, 'web')).toEqual(['kubernetes.io/tls', { 'tls.crt': crt, 'tls.key': key }]);
  });

  it.each([
    [
      'docker-registry pull --docker-username=ada',
      'error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required\n',
    ],
    ['tls web --cert=/files/crt', 'error: key and cert must be specified\n'],
    ['tls web --cert=/files/crt --key=/files/none', 'error: open /files/none: no such file or directory\n'],
    ['tls web --cert=/files/key --key=/files/key', 'error: tls: failed to find any PEM data in certificate input\n'],
    ['tls web --cert=/files/crt --key=/files/crt', 'error: tls: failed to find any PEM data in key input\n'],
    ['tls web --cert=/files/crt --key=/files/other', 'error: tls: private key does not match public key\n'],
  ])('%s fails', async (args, message) => {
    const { crt, key } = certificate();
    const cluster = await ran(`kubectl create secret ${args}`, mounted({ crt, key, other: certificate().key }));
    expect([end(cluster), said(cluster)]).toEqual(['Failed Error(1)', message]);
  });
});

/** One that is signed by its own key. */
function certificate(): { crt: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = encodeName({ commonName: 'web' });
  const crt = issue(
    {
      serialNumber: Buffer.from([1]),
      issuer: name,
      subject: name,
      notBefore: START,
      notAfter: START + 1_000_000,
      keyUsage: 1,
      extendedKeyUsages: [],
      isAuthority: false,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      authorityKey: publicKey.export({ type: 'spki', format: 'der' }),
    },
    (bytes) => sign('sha256', bytes, privateKey),
  );
  return { crt: pemOf('CERTIFICATE', crt), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}
