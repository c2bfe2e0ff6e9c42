import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** A real host whose wall clock is set, forwards and back, and clients whose clocks are right. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const json = { 'content-type': 'application/json' };
const WITHIN = { timeout: 60_000 };

const configMap = (name: string) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
const PODS = '/api/v1/namespaces/default/pods';

async function createDeployment(cluster: Cluster, name: string): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 2, minReadySeconds: 1, selector: { matchLabels: labels }, template },
  };
  expect(await cluster.fetch('/apis/apps/v1/namespaces/default/deployments', { method: 'POST', headers: json, body: JSON.stringify(body) })).toMatchObject({
    status: 201,
  });
  await vi.waitFor(async () => {
    const { status } = (await cluster.fetch(`/apis/apps/v1/namespaces/default/deployments/${name}`)).json() as { status: { availableReplicas?: number } };
    expect(status.availableReplicas).toBe(2);
  }, WITHIN);
}

async function podNames(cluster: Cluster): Promise<string[]> {
  const { items } = (await cluster.fetch(PODS)).json() as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

async function deletePod(cluster: Cluster): Promise<void> {
  const [name] = await podNames(cluster);
  expect(await cluster.fetch(`${PODS}/${name}`, { method: 'DELETE' })).toMatchObject({ status: 200 });
  await vi.waitFor(async () => expect(await podNames(cluster)).not.toContain(name), WITHIN);
}

describe('a host whose clock was ahead by 400 days for one write', () => {
  it('goes on: clients connect, pods come and go, and it says what time it is there', async () => {
    await using cluster = await startCluster({ durable: true, shiftedClock: true });
    await createDeployment(cluster, 'before');
    const old = (await cluster.fetch('/api/v1/namespaces/default/configmaps/kube-root-ca.crt')).json() as { data: Record<string, string> };
    await cluster.host.stop();

    cluster.setClock(400 * DAY);
    const file = path.join(cluster.dir, 'write.json');
    writeFileSync(file, configMap('ahead'));
    const args = ['--port', '0', '--data', path.join(cluster.dir, 'data'), '--kubeconfig', cluster.kubeconfig, '-f', file, '--exit-when-ready'];
    expect(await startHost(args, { node: cluster.node }).ended).toMatchObject({ code: 0 });

    cluster.setClock(0);
    await cluster.start();
    const year = new Date(Date.now() + 400 * DAY).getUTCFullYear();
    await cluster.host.printed(`logplane: in cluster default it is ${year}-`);
    // With the authority of the new kubeconfig, by a client that looks at the dates of certificates.
    expect(await cluster.fetch('/readyz')).toMatchObject({ status: 200, text: 'ok' });
    await deletePod(cluster);
    await createDeployment(cluster, 'after');
    // The certificate of the server is another one, and its authority the same.
    expect((await cluster.fetch('/api/v1/namespaces/default/configmaps/kube-root-ca.crt')).json()).toMatchObject({ data: old.data });
    const { code, text } = await cluster.run('kubectl rollout status deployment/after --timeout=60s && kubectl get pods --no-headers');
    expect(text).toMatch(/after-\S+ +1\/1 +Running +0 +\d+s\n/);
    expect(code).toBe(0);
  });
});

describe('the clock of a running host', () => {
  it.each([
    { name: 'an hour ahead', jump: HOUR },
    { name: 'an hour back', jump: -HOUR },
    { name: '400 days ahead', jump: 400 * DAY },
    { name: '400 days back', jump: -400 * DAY },
  ])('may be set $name, and back', async ({ jump }) => {
    await using cluster = await startCluster({ shiftedClock: true });
    await createDeployment(cluster, 'before');
    const watch = cluster.stream(`${PODS}?watch=true&timeoutSeconds=3000`);
    await watch.seen('before-');
    cluster.setClock(jump);
    await deletePod(cluster);
    await createDeployment(cluster, 'meanwhile');
    cluster.setClock(0);
    await deletePod(cluster);
    await createDeployment(cluster, 'after');
    // It was ended by no jump.
    await watch.seen('after-');
  });

  it('does not age the tokens of service accounts that are issued afterwards; one that was issued ahead is not yet valid', async () => {
    await using cluster = await startCluster({ shiftedClock: true });
    const issue = async () => {
      const answer = await cluster.fetch('/api/v1/namespaces/default/serviceaccounts/default/token', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
      });
      return (answer.json() as { status: { token: string } }).status.token;
    };
    const whoami = (token: string) =>
      cluster.fetch('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${token}` },
        body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
      });
    await vi.waitFor(async () => expect(await cluster.fetch('/api/v1/namespaces/default/serviceaccounts/default')).toMatchObject({ status: 200 }), WITHIN);
    cluster.setClock(400 * DAY);
    const ahead = await issue();
    expect(await whoami(ahead)).toMatchObject({ status: 201 });
    await cluster.fetch('/api/v1/namespaces/default/configmaps', { method: 'POST', headers: json, body: configMap('ahead') });
    cluster.setClock(0);
    expect(await whoami(ahead)).toMatchObject({ status: 401 });
    expect(await whoami(await issue())).toMatchObject({ status: 201 });
  });
});
