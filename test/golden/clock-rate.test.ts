import { expect, it } from 'vitest';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** What clients see of a cluster whose time goes at another rate (`--clock-rate`). */

interface Answered {
  readonly metadata: { readonly creationTimestamp: string; readonly resourceVersion: string };
  readonly status?: { readonly token?: string; readonly userInfo?: { readonly username: string } };
}

async function post(cluster: Cluster, path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  const answer = await cluster.fetch(path, init);
  expect(answer.status).toBe(201);
  return answer.json() as Answered;
}

const create = (cluster: Cluster, name: string) => post(cluster, '/api/v1/namespaces/default/configmaps', { metadata: { name } });

it('where an hour lasts a second, an Event ends after its hour, and a token of an hour is good for an hour of real time', async () => {
  await using cluster = await startCluster({ args: ['--clock-rate', '3600', '--nodes', '0'] });
  await post(cluster, '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const { status } = await post(cluster, '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: { expirationSeconds: 3600 } });
  const event = { metadata: { name: 'a' }, involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' }, reason: 'Told', type: 'Normal' };
  const { metadata } = await post(cluster, '/api/v1/namespaces/default/events', event);
  await cluster.stream(`/api/v1/namespaces/default/events?watch=true&resourceVersion=${metadata.resourceVersion}`).seen('"type":"DELETED"');
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const asked = await post(cluster, '/apis/authentication.k8s.io/v1/selfsubjectreviews', review, { authorization: `Bearer ${status!.token}` });
  expect(asked.status?.userInfo?.username).toBe('system:serviceaccount:default:robot');
});

it('where time stands still it does so in the next process, whatever its wall clock says', async () => {
  await using cluster = await startCluster({ args: ['--clock-rate', '0', '--nodes', '0'], durable: true, shiftedClock: true });
  const before = await create(cluster, 'a');
  await cluster.host.stop();
  cluster.setClock(2 * 3_600_000);
  await cluster.start();
  expect((await create(cluster, 'b')).metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
});

it.each(['-1', 'fast', '86401'])('a rate of %s is none', async (rate) => {
  const { code, text } = await startHost([`--clock-rate=${rate}`, '--memory', '--port', '0']).ended;
  expect(text).toContain(`argument '${rate}' is invalid. a number from 0 to 86400 is needed.`);
  expect(code).toBe(2);
});
