import { describe, expect, it } from 'vitest';
import type { AdmissionPlugin } from '../../admission/plugin.ts';
import { forbidden } from '../../kube/status.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

const label = (key: string): AdmissionPlugin => ({
  name: `Label${key}`,
  mutate: ({ object, resource }) => {
    if (!object || resource.groupResource !== 'configmaps') return;
    const labels = object.metadata.labels ?? {};
    object.metadata.labels = { ...labels, [key]: Object.keys(labels).join('+') || 'first' };
  },
});

describe('admission', () => {
  it('lets each plugin change what the one before it left', async () => {
    const server = await testServer({ admissionPlugins: [label('a'), label('b')], objects: [namespace('default')] });
    const { json } = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('x') });
    expect(json.metadata.labels).toEqual({ a: 'first', b: 'a' });
  });

  it('shows the judges what would be stored, and writes nothing that one of them refuses', async () => {
    const seen: unknown[] = [];
    const judge: AdmissionPlugin = {
      name: 'Judge',
      validate: ({ operation, resource, user, dryRun, object, old, warn }) => {
        if (resource.groupResource !== 'configmaps') return;
        seen.push({ operation, user: user.username, dryRun, labels: object?.metadata.labels, before: old?.metadata.name });
        warn('seen');
        if (object?.metadata.name === 'bad') throw forbidden(resource, 'bad', 'it is bad');
      },
    };
    const server = await testServer({ admissionPlugins: [judge, label('a')] });
    const created = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('good') });
    expect(created.headers.get('warning')).toBe('299 - "seen"');
    const refused = await server.request(`POST ${CONFIGMAPS}?dryRun=All`, { body: configMap('bad') });
    expect(refused).toMatchObject({ code: 403, json: { message: 'configmaps "bad" is forbidden: it is bad' } });
    await server.request(`DELETE ${CONFIGMAPS}/good`);
    expect(seen).toEqual([
      { operation: 'CREATE', user: 'admin', dryRun: false, labels: { a: 'first' }, before: undefined },
      { operation: 'CREATE', user: 'admin', dryRun: true, labels: { a: 'first' }, before: undefined },
      { operation: 'DELETE', user: 'admin', dryRun: false, labels: undefined, before: 'good' },
    ]);
    expect(server.replica.state.offset).toBe(3);
  });

  it('warns after the kind of the object has, whose warnings come with its validation', async () => {
    const server = await testServer({ objects: [namespace('default')] });
    await server.request('PATCH /api/v1/namespaces/default', {
      type: 'application/merge-patch+json',
      body: { metadata: { labels: { 'pod-security.kubernetes.io/warn': 'baseline' } } },
    });
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined', 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const { headers } = await server.request('POST /api/v1/namespaces/default/pods', { body: pod });
    const order = ['apparmor.security.beta.kubernetes.io/c]: deprecated', 'seccomp.security.alpha.kubernetes.io/pod]', 'would violate PodSecurity'].map(
      (text) => headers.get('warning')!.indexOf(text),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('has a say in connections and in evictions', async () => {
    const seen: unknown[] = [];
    const judge: AdmissionPlugin = {
      name: 'Judge',
      validate({ operation, resource, subresource, name, object }) {
        if (resource.groupResource !== 'pods' || !subresource) return;
        seen.push([operation, subresource, name, object?.kind]);
        throw forbidden(resource, name, `no ${subresource}`);
      },
    };
    const server = await testServer({ admissionPlugins: [judge] });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await server.request('POST /api/v1/namespaces/default/pods', { body: pod });
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    const answers = await Promise.all([
      server.request('GET /api/v1/namespaces/default/pods/p/exec?command=sh'),
      server.request('POST /api/v1/namespaces/default/pods/p/eviction', { body: eviction }),
    ]);
    expect(answers.map(({ json }) => json.message).sort()).toEqual(['pods "p" is forbidden: no eviction', 'pods "p" is forbidden: no exec']);
    expect(seen).toContainEqual(['CONNECT', 'exec', 'p', 'PodExecOptions']);
    expect(seen).toContainEqual(['CREATE', 'eviction', 'p', 'Eviction']);
  });
});
