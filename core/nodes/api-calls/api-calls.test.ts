import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { type BoundPodOptions, boundPod, line, running } from '../../testing/node-agents.ts';

const rules = (verbs: string[], resources: string[]): KubeObject[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r', namespace: 'default' },
    rules: [{ apiGroups: [''], resources, verbs }],
  } as KubeObject,
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: 'default' }],
  } as KubeObject,
];

const done = (
  container: BoundPodOptions['container'],
  objects: readonly KubeObject[] = rules(['create', 'get', 'delete', 'patch'], ['secrets', 'configmaps']),
): Promise<Cluster> =>
  running(
    [
      ...objects,
      boundPod({ restartPolicy: 'Never', serviceAccountName: 'worker', container: { terminationMessagePolicy: 'FallbackToLogsOnError', ...container } }),
    ],
    { seconds: 5 },
  );
const kubectl = (...args: string[]) => ({ image: 'bitnami/kubectl', command: ['kubectl', ...args] });
const secret = (cluster: Cluster, name: string) => cluster.state.get('secrets', 'default', name);
const text = (base64: string | undefined) => Buffer.from(base64!, 'base64').toString();
const message = (cluster: Cluster) => cluster.pod('web')!.status!.containerStatuses![0]!.state!.terminated!.message;

describe('a program that asks the API', () => {
  it('makes an object as the service account of its pod', async () => {
    const cluster = await done(kubectl('create', 'secret', 'generic', 'login', '--from-literal=user=ada', '--from-literal', 'password=x=y'));
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
    const { data, type } = secret(cluster, 'login')!;
    expect([text(data!['user']), text(data!['password']), type]).toEqual(['ada', 'x=y', 'Opaque']);
    const [made] = cluster.changes.filter(({ key }) => key === 'secrets/default/login');
    expect(made!.actor.username).toBe('system:serviceaccount:default:worker');
  });

  it('is refused what its roles do not permit, and fails', async () => {
    const cluster = await done(kubectl('create', 'secret', 'generic', 'login'), []);
    expect(line(cluster.pod('web')!.status)).toBe('Failed main=Error(1)');
    expect(message(cluster)).toBe(
      'error: failed to create secret secrets is forbidden: User "system:serviceaccount:default:worker" cannot create resource "secrets" in API group "" in the namespace "default"\n',
    );
    expect(secret(cluster, 'login')).toBeUndefined();
  });

  it('fails for what is there already, or is not', async () => {
    const twice = await done({ image: 'bitnami/kubectl', command: ['sh', '-c', 'kubectl create configmap a --from-literal=x=1; kubectl get cm b'] });
    expect(message(twice)).toBe('configmap/a created\nError from server (NotFound): configmaps "b" not found\n');
    const there = await done(kubectl('create', 'configmap', 'a'), [
      ...rules(['create'], ['configmaps']),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    ]);
    expect(message(there)).toBe('error: failed to create configmap: configmaps "a" already exists\n');
  });

  it('does so once, in a script too, with what else kubectl does to one object', async () => {
    const old: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old', namespace: 'default', labels: { a: '1' } } };
    const script = 'sleep 2; kubectl label configmap/old b=2 a- && kubectl annotate cm old note="some text"; kubectl delete secret none --ignore-not-found';
    const cluster = await done({ image: 'bitnami/kubectl', command: ['sh', '-c', script] }, [
      ...rules(['get', 'delete', 'patch'], ['secrets', 'configmaps']),
      old,
    ]);
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
    expect(cluster.get(old).metadata).toMatchObject({ labels: { b: '2' } });
    cluster.restart();
    await cluster.settle();
    expect(cluster.mutations.filter(({ actor }) => actor.username.includes('worker')).length).toBe(2);
    expect(cluster.get(old).metadata.annotations).toEqual({ note: 'some text' });
  });

  it('makes the Secret that Argo CD’s parts wait for', async () => {
    const cluster = await done({ image: 'quay.io/argoproj/argocd:v3.1.0', command: ['argocd', 'admin', 'redis-initial-password'] });
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
    expect(text(secret(cluster, 'argocd-redis')!.data!['auth'])).toMatch(/^[\w-]{16}$/);
  });

  it('makes the certificate of a webhook’s server', async () => {
    const args = ['create', '--host=operator,operator.default.svc', '--namespace=default', '--secret-name=admission'];
    const cluster = await done({ image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.0', args });
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
    const { ca, cert, key } = secret(cluster, 'admission')!.data!;
    const [authority, certificate] = [new X509Certificate(text(ca)), new X509Certificate(text(cert))];
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:operator, DNS:operator.default.svc');
    expect(text(key)).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
  });
});
