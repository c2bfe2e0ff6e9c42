import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { boundPod, line, running } from '../../../testing/node-agents.ts';

const rules = (verbs: string[], resources: string[]): KubeObject[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r', namespace: 'default' },
    rules: [{ apiGroups: ['', 'apps'], resources, verbs }],
  } as KubeObject,
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: 'default' }],
  } as KubeObject,
];
const configMap = (name: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels: { app: name } }, data: { x: '1' } }) as KubeObject;

const kubernetes = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kubernetes', namespace: 'default' },
  spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ name: 'https', port: 443 }] },
} as KubeObject;

const BEGIN = `
SA=/var/run/secrets/kubernetes.io/serviceaccount
TOKEN=$(cat $SA/token)
NAMESPACE=$(cat $SA/namespace)
API=https://kubernetes.default.svc/api/v1/namespaces/$NAMESPACE
`;

/** A pod that runs a script which says what it was told in its end. */
const ran = (script: string, { permitted = ['get', 'list', 'create', 'patch', 'update', 'delete'], objects = [configMap('a')] } = {}): Promise<Cluster> =>
  running(
    [
      ...rules(permitted, ['configmaps', 'deployments']),
      kubernetes,
      ...objects,
      boundPod({
        restartPolicy: 'Never',
        serviceAccountName: 'worker',
        container: { image: 'curlimages/curl', command: ['sh', '-ec', `${BEGIN}${script}`], terminationMessagePolicy: 'FallbackToLogsOnError' },
      }),
    ],
    { seconds: 5 },
  );
const end = (cluster: Cluster) => line(cluster.pod('web')!.status).replace('main=', '');
const said = (cluster: Cluster) => cluster.pod('web')!.status!.containerStatuses![0]!.state!.terminated?.message;
const auth = '-H "Authorization: Bearer $TOKEN"';

describe('a request that reads', () => {
  it.each([
    [`test "$(curl -sSk ${auth} -o /dev/null -w '%{http_code}' $API/configmaps/a)" = 200`],
    [`test "$(curl -sSk ${auth} -o /dev/null -w '%{http_code}' $API/configmaps/b)" = 404`],
    [`test "$(curl -sS --cacert $SA/ca.crt --header "Authorization: Bearer $TOKEN" -o /dev/null -w '%{http_code}' $API/secrets)" = 403`],
    [`test "$(curl -sk -o /dev/null -w '%{http_code}' $API/configmaps/a)" = 403`],
    [`test "$(curl -sk -H 'Authorization: Bearer other' -o /dev/null -w '%{http_code}' $API/configmaps/a)" = 401`],
    [`test "$(curl -sk ${auth} -o /dev/null -w '%{http_code}' $API/nothings)" = 404`],
    [`curl -sk ${auth} $API/configmaps/a | grep -q '"x": "1"'`],
    [`curl -sk ${auth} "$API/configmaps?labelSelector=app%3Da" | grep -q '"name": "a"'`],
    [`curl -sk ${auth} $API/configmaps/b | grep -q '"reason": "NotFound"'`],
    [`curl -sk ${auth} https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/apis/apps/v1/namespaces/default/deployments | grep -q DeploymentList`],
    [`wget -qO- --no-check-certificate --header="Authorization: Bearer $TOKEN" $API/configmaps/a | grep -q '"x": "1"'`],
    [`test "$(curl -sk https://kubernetes.default/healthz)" = ok`],
  ])('%s', async (script) => {
    const cluster = await ran(script);
    expect([end(cluster), cluster.mutations.filter(({ actor }) => actor.username.includes('worker'))]).toEqual(['Succeeded Completed(0)', []]);
  });

  it.each([
    [`curl -fsSk ${auth} $API/configmaps/b`, 22, 'curl: (22) The requested URL returned error: 404\n'],
    [`curl -fsk ${auth} $API/configmaps/b`, 22, undefined],
    [`curl -sS ${auth} $API/configmaps/a`, 60, 'curl: (60) SSL certificate problem: unable to get local issuer certificate\n'],
    [`wget -O- --header="Authorization: Bearer $TOKEN" $API/configmaps/b`, 1, 'wget: server returned error: HTTP/1.1 404 Not Found\n'],
    [`curl -k ${auth} -X DELETE $API/configmaps`, 1, 'error: curl -X DELETE of a collection is not simulated here\n'],
  ])('%s fails', async (script, exitCode, message) => {
    const cluster = await ran(script);
    expect([end(cluster), said(cluster)]).toEqual([`Failed Error(${exitCode})`, message]);
  });

  it('waits for what comes when it watches', async () => {
    expect(end(await ran(`curl -sk ${auth} "$API/configmaps?watch=true"`, { permitted: ['list', 'watch'] }))).toBe('Running running+ready');
  });
});

describe('a request that writes', () => {
  const JSON_BODY = `-H 'Content-Type: application/json'`;

  it('makes an object, once', async () => {
    const body = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"data":{"y":"2"}}`;
    const cluster = await ran(`curl -fsSk ${auth} ${JSON_BODY} -X POST -d '${body}' $API/configmaps; sleep 1; curl -fsSk ${auth} $API/configmaps/b`);
    expect(end(cluster)).toBe('Succeeded Completed(0)');
    expect(cluster.get(configMap('b'))).toMatchObject({ data: { y: '2' } });
    cluster.restart();
    await cluster.settle();
    const made = cluster.mutations.filter(({ actor }) => actor.username === 'system:serviceaccount:default:worker');
    expect(made.map(({ type, resource }) => `${type} ${resource}`)).toEqual(['create configmaps']);
  });

  it.each([
    { name: 'a merge patch', type: 'merge-patch', body: '{"data":{"x":"2"}}', want: { x: '2' } },
    { name: 'a strategic merge patch', type: 'strategic-merge-patch', body: '{"data":{"z":"3"}}', want: { x: '1', z: '3' } },
    { name: 'a JSON patch', type: 'json-patch', body: '[{"op":"replace","path":"/data/x","value":"4"}]', want: { x: '4' } },
  ])('changes one by $name', async ({ type, body, want }) => {
    const cluster = await ran(`curl -fsSk ${auth} -H 'Content-Type: application/${type}+json' -X PATCH --data '${body}' $API/configmaps/a`);
    expect([end(cluster), (cluster.get(configMap('a')) as unknown as { data: object }).data]).toEqual(['Succeeded Completed(0)', want]);
  });

  it('replaces one, and deletes one', async () => {
    const body = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"y":"2"}}`;
    const script = `curl -fsSk ${auth} ${JSON_BODY} -X PUT -d '${body}' $API/configmaps/a; curl -fsSk ${auth} -X DELETE $API/configmaps/c`;
    const cluster = await ran(script, { objects: [configMap('a'), configMap('c')] });
    expect([end(cluster), cluster.find(configMap('c'))]).toEqual(['Succeeded Completed(0)', undefined]);
    expect((cluster.get(configMap('a')) as unknown as { data: object }).data).toEqual({ y: '2' });
  });

  it.each([
    [`curl -sk ${auth} -d '{}' -o /dev/null -w '%{http_code}' $API/configmaps`, '415'],
    [`curl -sk ${auth} ${JSON_BODY} -d '{' -o /dev/null -w '%{http_code}' $API/configmaps`, '400'],
    [`curl -sk ${auth} ${JSON_BODY} -d '{"metadata":{"name":"A"}}' -o /dev/null -w '%{http_code}' $API/configmaps`, '422'],
    [`curl -sk ${auth} ${JSON_BODY} -d '{"metadata":{"name":"a"}}' -o /dev/null -w '%{http_code}' $API/configmaps`, '409'],
    [`curl -sk ${auth} ${JSON_BODY} -d '{"metadata":"a"}' -o /dev/null -w '%{http_code}' $API/configmaps`, '400'],
    [`curl -sk ${auth} ${JSON_BODY} -d '${'['.repeat(2_000)}' -o /dev/null -w '%{http_code}' $API/configmaps`, '400'],
    [`curl -sk ${auth} -X DELETE -o /dev/null -w '%{http_code}' $API/configmaps/b`, '404'],
  ])('is refused: %s', async (request, code) => {
    expect(end(await ran(`test "$(${request})" = ${code}`))).toBe('Succeeded Completed(0)');
  });
});

it('A request to delete names nothing but what is in its path', async () => {
  const body = '{"resource":"deployments","name":"web","namespace":"kube-system","propagationPolicy":"Background","gracePeriodSeconds":0}';
  const cluster = await ran(`curl -fsSk ${auth} -H 'Content-Type: application/json' -X DELETE -d '${body}' $API/configmaps/a`);
  expect([end(cluster), cluster.find(configMap('a'))]).toEqual(['Succeeded Completed(0)', undefined]);
});

it('A path that cannot be read names nothing', async () => {
  expect(end(await ran(`test "$(curl -sk ${auth} -o /dev/null -w '%{http_code}' $API/%zz/a)" = 404`))).toBe('Succeeded Completed(0)');
});

it('A request of another server is none of the API', async () => {
  const cluster = await ran(`curl -sS -k ${auth} https://example.com/api/v1/namespaces/default/configmaps/a`);
  expect(cluster.pod('web')!.metadata.annotations).toBeUndefined();
});
