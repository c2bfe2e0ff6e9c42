import { expect, it } from 'vitest';
import type { ClusterRole } from '../../schema/generated/kinds.ts';
import { controlled } from '../../testing/controllers.ts';

const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, { labels, ...more }: Omit<Partial<ClusterRole>, 'metadata'> & { labels?: Record<string, string> }): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, ...(labels && { labels }) },
  ...more,
});
const collecting = role('all', { labels: { to: 'all' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] } });

const resources = ({ rules = [] }: ClusterRole) => rules.map(({ resources = [] }) => resources.join());

it('A role that aggregates has the rules of those that it selects, each once, whatever it says itself', async () => {
  const cluster = await controlled(
    { ...collecting, rules: [rule('mine')] } as ClusterRole,
    role('b', { labels: { to: 'all' }, rules: [rule('pods'), rule('services')] }),
    role('a', { labels: { to: 'all' }, rules: [rule('nodes'), rule('pods')] }),
    role('c', { rules: [rule('secrets')] }),
  );
  await cluster.settle();
  expect(resources(cluster.get(collecting))).toEqual(['nodes', 'pods', 'services']);
});

it('follows the roles that it selects', async () => {
  const b = role('b', { labels: { to: 'all' }, rules: [rule('pods')] });
  const cluster = await controlled(collecting, b);
  await cluster.settle();
  await cluster.edit(b, (copy) => {
    copy.rules = [rule('services')];
  });
  await cluster.settle();
  expect(resources(cluster.get(collecting))).toEqual(['services']);
  await cluster.edit(b, ({ metadata }) => {
    delete metadata.labels;
  });
  await cluster.settle();
  expect(resources(cluster.get(collecting))).toEqual([]);
});
