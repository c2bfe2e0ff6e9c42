import { describe, expect, it } from 'vitest';
import { Apis } from '../../apis/apis.ts';
import type { GroupResource, KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import { configMap, deployment, kept, namespace, stateWith } from '../../testing/decisions.ts';
import type { AdmissionReview } from '../plugin.ts';
import { type Criteria, Matcher } from './matcher.ts';
import { requestedBy } from './requested.ts';

/** As what a request is matched: `apps/v1 deployments`; undefined: it is not. */
function matched(criteria: Partial<Criteria>, request: Request): string | undefined {
  const review = reviewOf(request);
  const rules = criteria.rules ?? [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*', '*/*'] }];
  const matcher = new Matcher({ namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent', ...criteria, rules });
  const found = matcher.match(review, requestedBy(review));
  return found && `${found.resource.group}/${found.resource.version} ${found.resource.resource} ${found.kind.kind}`;
}

interface Request {
  readonly resource?: GroupResource;
  readonly version?: string;
  readonly operation?: AdmissionReview['operation'];
  readonly subresource?: string;
  readonly object?: KubeObject;
  readonly old?: KubeObject;
  readonly name?: string;
  readonly namespace?: string;
}

/** Of a ConfigMap in the namespace `default`, which is of the team red, unless something else is said. */
function reviewOf({ resource = 'configmaps', version = 'v1', operation = 'CREATE', subresource, object, old, name = 'a', namespace: of = 'default' }: Request) {
  const served = Apis.builtIn.resource(resource)!;
  const given = object ?? (operation === 'DELETE' ? undefined : configMap());
  const state = stateWith(kept(namespace('default', { labels: { team: 'red' } })));
  return {
    operation,
    resource: served,
    version,
    subresource,
    namespace: served.namespaced ? of : undefined,
    name,
    object: given,
    old,
    state,
  } as AdmissionReview;
}

const rule = (more: object = {}) => ({ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], scope: '*', ...more });

describe('A rule covers', () => {
  it.each<{ name: string; rule?: object; request?: Request; want?: boolean }>([
    { name: 'what it names', want: true },
    { name: 'no other operation', request: { operation: 'UPDATE' } },
    { name: 'every operation', rule: { operations: ['*'] }, request: { operation: 'CONNECT' }, want: true },
    { name: 'no other group', rule: { apiGroups: ['apps'] } },
    { name: 'every group', rule: { apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }, request: { resource: 'deployments.apps' }, want: true },
    { name: 'no other version', rule: { apiVersions: ['v2'] } },
    { name: 'no subresource of what it names', rule: { resources: ['pods'] }, request: { resource: 'pods', subresource: 'status' } },
    { name: 'a subresource', rule: { resources: ['pods/status'] }, request: { resource: 'pods', subresource: 'status' }, want: true },
    { name: 'not the resource of a subresource', rule: { resources: ['pods/status'] }, request: { resource: 'pods' } },
    { name: 'all subresources', rule: { resources: ['pods/*'] }, request: { resource: 'pods', subresource: 'eviction' }, want: true },
    { name: 'with all subresources the resource too', rule: { resources: ['pods/*'] }, request: { resource: 'pods' }, want: true },
    {
      name: 'a subresource of all',
      rule: { apiGroups: ['*'], resources: ['*/scale'] },
      request: { resource: 'deployments.apps', subresource: 'scale' },
      want: true,
    },
    { name: 'not with * what is a subresource', rule: { resources: ['*'] }, request: { resource: 'pods', subresource: 'status' } },
    { name: 'what is in a namespace', rule: { scope: 'Namespaced' }, want: true },
    { name: 'not by scope what is in a namespace', rule: { scope: 'Cluster' } },
    {
      name: 'a Namespace as one that is in none',
      rule: { scope: 'Cluster', resources: ['*'] },
      request: { resource: 'namespaces', object: namespace('a') },
      want: true,
    },
    {
      name: 'no Namespace as one that is in one',
      rule: { scope: 'Namespaced', resources: ['*'] },
      request: { resource: 'namespaces', object: namespace('a') },
    },
    { name: 'a name', rule: { resourceNames: ['b', 'a'] }, want: true },
    { name: 'no other name', rule: { resourceNames: ['b'] } },
    { name: 'a name that was generated', rule: { resourceNames: ['a'] }, request: { name: '' }, want: true },
  ])('$name', ({ rule: more = {}, request = {}, want = false }) => {
    expect(matched({ rules: [rule(more)], matchPolicy: 'Exact' }, request) !== undefined).toBe(want);
  });
});

describe('A request is matched', () => {
  const ofScaler = (version: string, more: Partial<Criteria> = {}) =>
    matched(
      { rules: [rule({ apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] })], ...more },
      { resource: 'horizontalpodautoscalers.autoscaling', version },
    );

  it('as the version that a rule names, where any that has the same objects will do', () => {
    expect(ofScaler('v1')).toBe('autoscaling/v1 horizontalpodautoscalers HorizontalPodAutoscaler');
    expect(ofScaler('v2')).toBe('autoscaling/v1 horizontalpodautoscalers HorizontalPodAutoscaler');
    expect(ofScaler('v2', { matchPolicy: 'Exact' })).toBeUndefined();
  });

  it('as the resource that a rule names', () => {
    const events = { rules: [rule({ resources: ['events'] })] };
    expect(matched(events, { resource: 'events.events.k8s.io' })).toBe('/v1 events Event');
    expect(matched(events, { resource: 'events' })).toBe('/v1 events Event');
  });

  it('as the kind of its subresource', () => {
    expect(matched({}, { resource: 'deployments.apps', subresource: 'scale', object: deployment() })).toBe('apps/v1 deployments Scale');
  });

  it('by no rules, where all will do', () => {
    expect(matched({ rules: 'any' }, {})).toBe('/v1 configmaps ConfigMap');
    expect(matched({ rules: [] }, {})).toBeUndefined();
  });

  it('not where it is excluded, under whichever name', () => {
    expect(matched({ rules: 'any', excluded: [rule()] }, {})).toBeUndefined();
    expect(matched({ rules: 'any', excluded: [rule({ resourceNames: ['b'] })] }, {})).toBeDefined();
    expect(matched({ rules: 'any', excluded: [rule({ resources: ['events'] })] }, { resource: 'events.events.k8s.io' })).toBeUndefined();
  });

  it('by what the object is to be, or was', () => {
    const objectSelector = { matchLabels: { a: 'b' } };
    const labelled = configMap({ labels: { a: 'b' } });
    expect(matched({ objectSelector }, { object: labelled })).toBeDefined();
    expect(matched({ objectSelector }, { operation: 'UPDATE', object: configMap(), old: labelled })).toBeDefined();
    expect(matched({ objectSelector }, { operation: 'DELETE', old: labelled })).toBeDefined();
    expect(matched({ objectSelector }, { operation: 'UPDATE', object: configMap(), old: configMap() })).toBeUndefined();
    expect(matched({ objectSelector }, { operation: 'CONNECT', object: { kind: 'PodExecOptions' } as KubeObject })).toBeUndefined();
  });

  it('by the labels of its namespace, of which a Namespace has its own', () => {
    const red = { namespaceSelector: { matchLabels: { team: 'red' } } };
    const blue = { namespaceSelector: { matchLabels: { team: 'blue' } } };
    expect([matched(red, {}), matched(blue, {})].map((found) => found !== undefined)).toEqual([true, false]);
    expect(matched(blue, { resource: 'nodes', object: { kind: 'Node', metadata: { name: 'n' } } as KubeObject })).toBeDefined();
    const own = { resource: 'namespaces', object: namespace('n', { labels: { team: 'blue' } }), name: 'default' };
    expect(matched(blue, { ...own, operation: 'UPDATE' })).toBeDefined();
    expect(matched(red, { ...own, operation: 'UPDATE' })).toBeUndefined();
    expect(matched(red, { resource: 'namespaces', operation: 'DELETE', name: 'default' })).toBeDefined();
    expect(() => matched(red, { namespace: 'nowhere' })).toThrow(StatusError);
    expect(matched({ ...red, rules: [] }, { namespace: 'nowhere' })).toBeUndefined();
  });
});
