import { type GroupResource, keyOf } from '../../core/kube/object.ts';
import type { KindOf } from '../../core/schema/kind-of.ts';
import type { Chance } from './chance.ts';
import type { Client, Target } from './client.ts';
import type { History } from './history.ts';
import * as manifests from './manifests.ts';
import { isTainted, withoutTaint } from './operations/apart.ts';
import { found, isLost, LOST_FOR_LONG_MS } from './operations/lost-nodes.ts';
import { POLICIES, policyConfiguration } from './policy.ts';

/** What one client does for a while: one thing after the other, each drawn by chance from `deeds`. */
export class Workload {
  readonly #client: Client;
  readonly #chance: Chance;
  readonly #history: History;

  constructor({ client, history }: { client: Client; history: History }) {
    this.#client = client;
    this.#chance = client.chance;
    this.#history = history;
  }

  async next(): Promise<void> {
    await this.#deeds[this.#chance.weighted(weights)]();
  }

  /**
   * Lets go of what only clients hold back: finalizers, paused deployments, nodes that take no pods or are lost, these once all has come of it. Resolves false when it
   * has to be done again.
   */
  async tidy(): Promise<boolean> {
    let done = true;
    const nodes = await this.#client.list('nodes', undefined, 500);
    if (nodes?.some(isLost)) await this.#client.pause(LOST_FOR_LONG_MS);
    for (const { resource, isHeld, release } of heldBack) {
      const objects = await this.#client.list(resource, undefined, 500);
      for (const object of objects?.filter(isHeld) ?? []) {
        const { namespace = '', name } = object.metadata;
        await this.#client.change({ resource, namespace, name }, release);
        done = false;
      }
      if (!objects) done = false;
    }
    return done;
  }

  readonly #deeds: Record<Deed, () => Promise<unknown>> = {
    create: async () => {
      const { resource, namespace, name } = this.#target(this.#chance.weighted(created));
      await this.#client.create(resource, makers[resource as keyof typeof makers](this.#chance, namespace, name));
    },
    /** Several at once, which may meet in one entry, and be too much for it. */
    createLarge: () =>
      Promise.all(names.map((name) => this.#client.create('configmaps', manifests.largeConfigMap(this.#chance, this.#chance.pick(namespaces), name)))),
    /** Many at once, by as many instances as there are: all of them write to one end of the log. */
    flood: () =>
      Promise.all(
        Array.from({ length: 12 }, async (_, i) => {
          const target = { resource: 'configmaps', namespace: 'default', name: `flood-${i}` };
          const patch = { data: { value: String(this.#chance.whole(0, 1_000)) } };
          const written = await this.#client.patch(target, patch, 'application/merge-patch+json');
          if (written === 'refused') await this.#client.create(target.resource, manifests.configMap(this.#chance, target.namespace, target.name));
        }),
      ),
    /** From its offset on it is in force, whatever is on its way. */
    putPolicy: () => {
      const name = this.#chance.pick(policies);
      return this.#client.create(POLICIES, policyConfiguration(name));
    },
    takePolicy: () => this.#client.delete({ resource: POLICIES, namespace: '', name: this.#chance.pick(policies) }),
    createNamespace: () => this.#client.create('namespaces', manifests.namespace(this.#chance, this.#chance.pick(passing))),
    deleteNamespace: () => this.#client.delete({ resource: 'namespaces', namespace: '', name: this.#chance.pick(passing) }),
    scale: () => {
      const target = this.#target(this.#chance.pick(['deployments.apps', 'deployments.apps', 'statefulsets.apps']));
      const replicas = this.#chance.whole(0, 6);
      return this.#chance.happens(0.5)
        ? this.#client.scale(target, replicas)
        : this.#client.patch(target, { spec: { replicas } }, 'application/merge-patch+json');
    },
    rollOut: () => {
      const target = this.#target(this.#chance.pick(['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']));
      const containers = [{ name: 'main', image: `registry.example/web:${this.#chance.whole(1, 5)}` }];
      return this.#client.patch(target, { spec: { template: { spec: { containers } } } }, 'application/strategic-merge-patch+json');
    },
    pause: () => {
      const paused = this.#chance.happens(0.3);
      return this.#client.patch(this.#target('deployments.apps'), { spec: { paused } }, 'application/merge-patch+json');
    },
    edit: () => {
      const value = String(this.#chance.whole(0, 1_000));
      const target = this.#target('configmaps');
      if (this.#chance.happens(0.5)) return this.#client.patch(target, [{ op: 'replace', path: '/data/value', value }], 'application/json-patch+json');
      return this.#client.change(target, (object) => ({ ...object, data: { ...object.data, value } }), { thinking: this.#chance.pick([0, 0, 300, 3_000]) });
    },
    /** On condition that it is as a list told a while ago. */
    labelIfUnchanged: () =>
      this.#ifUnchanged((target, resourceVersion) => {
        const patch = { metadata: { resourceVersion, labels: { color: this.#chance.pick(['red', 'green', 'blue']) } } };
        return this.#client.patch(target, patch, 'application/merge-patch+json');
      }),
    deleteIfUnchanged: () => this.#ifUnchanged((target, resourceVersion) => this.#client.delete(target, { preconditions: { resourceVersion } })),
    /** What no state of the cluster could make right. */
    blunder: () => this.#blunders[this.#chance.weighted({ name: 1, value: 1, operation: 1 })](),
    count: () => this.#count(),
    label: () => {
      const target = this.#target(this.#chance.weighted(created));
      const color = this.#chance.pick(['red', 'green', 'blue', null]);
      return this.#client.patch(target, { metadata: { labels: { color } } }, 'application/merge-patch+json');
    },
    delete: async () => {
      const resource = this.#chance.weighted(created);
      const propagationPolicy = this.#chance.pick([undefined, 'Background', 'Foreground', 'Orphan']);
      const gracePeriodSeconds = resource === 'pods' ? this.#chance.pick([undefined, 0, 1]) : undefined;
      await this.#client.delete(this.#target(resource), { propagationPolicy, gracePeriodSeconds });
    },
    /** Another client's pod, by the name that a list tells. */
    deletePod: async () => {
      const pods = await this.#client.list('pods', this.#chance.pick(namespaces), this.#chance.pick([3, 500]));
      if (!pods?.length) return;
      const { namespace = '', name } = this.#chance.pick(pods).metadata;
      await this.#client.delete({ resource: 'pods', namespace, name });
    },
    deletePods: () => this.#client.deleteAll('pods', this.#chance.pick(namespaces), `app=${this.#chance.pick(names)}`),
    list: () => this.#client.list(this.#chance.weighted(created), this.#chance.pick([undefined, ...namespaces]), this.#chance.pick([2, 5, 500])),
    /** As the cluster was some time ago. */
    lookBack: async () => {
      const offset = this.#chance.whole(1, Math.max(1, this.#history.known(this.#client.cluster)));
      await this.#client.listAt(this.#chance.weighted(created), this.#chance.pick([undefined, ...namespaces]), offset);
    },
    /** The newest; then any, and one that is not older than what some client was told. */
    get: async () => {
      const target = this.#target(this.#chance.weighted(created));
      for (const resourceVersion of [undefined, 0, this.#history.known(this.#client.cluster)]) await this.#client.get(target, resourceVersion);
    },
    createNode: () => this.#client.create('nodes', manifests.node(this.#chance, this.#node().name)),
    deleteNode: () => this.#client.delete(this.#node()),
    cordon: () => {
      const target = this.#node();
      return this.#client.patch(target, { spec: { unschedulable: this.#chance.happens(0.4) } }, 'application/merge-patch+json');
    },
  };

  readonly #blunders = {
    name: () => this.#client.create('configmaps', manifests.configMap(this.#chance, 'default', 'Not_A_Name'), { invalid: true }),
    value: () => {
      const { namespace, name } = this.#target('deployments.apps');
      const { spec, ...rest } = manifests.deployment(this.#chance, namespace, name);
      return this.#client.create('deployments.apps', { ...rest, spec: { ...spec!, replicas: -1 } }, { invalid: true });
    },
    operation: () => {
      const patch = [{ op: 'test', path: '/metadata/name', value: 'another' }];
      return this.#client.patch(this.#target('configmaps'), patch, 'application/json-patch+json', { invalid: true });
    },
  };

  async #ifUnchanged(write: (target: Target, resourceVersion: string) => Promise<unknown>): Promise<void> {
    const resource = this.#chance.pick(['configmaps', 'deployments.apps', 'pods']);
    // A counter that is deleted counts no more.
    const objects = (await this.#client.list(resource, undefined, 500))?.filter(({ metadata }) => metadata.name !== counter.name);
    if (!objects?.length) return;
    const { namespace = '', name, resourceVersion } = this.#chance.pick(objects).metadata;
    await this.#client.pause(this.#chance.pick([0, 300, 3_000, 10_000]));
    await write({ resource, namespace, name }, resourceVersion!);
  }

  /** Adds one to a counter, by reading, changing and writing back: no addition may get lost. */
  async #count(): Promise<void> {
    const target = counter;
    const id = `${this.#client.cluster} ${COUNTER}`;
    const count = this.#history.counters.get(id) ?? { acknowledged: 0, unknown: 0 };
    this.#history.counters.set(id, count);
    if (!(await this.#client.get(target))) {
      const { namespace, name } = target;
      await this.#client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { count: '0' } });
      return;
    }
    const outcome = await this.#client.change(target, (object) => ({ ...object, data: { count: String(Number(object.data!['count']) + 1) } }));
    if (outcome === 'acknowledged') count.acknowledged++;
    if (outcome === 'unknown') count.unknown++;
  }

  #node(): Target<'nodes'> {
    return { resource: 'nodes', namespace: '', name: `node-${this.#chance.whole(1, 4)}` };
  }

  /** An object that may be there: few names, so that clients meet. */
  #target<R extends GroupResource>(resource: R): Target<R> {
    return { resource, namespace: this.#chance.pick(namespaces), name: this.#chance.pick(names) };
  }
}

const counter: Target<'configmaps'> = { resource: 'configmaps', namespace: 'default', name: 'counter' };
/** The key of what clients count with. */
export const COUNTER = keyOf(counter.resource, counter.namespace, counter.name);

interface HeldBack<R extends GroupResource = GroupResource> {
  readonly resource: R;
  isHeld(object: KindOf<R>): boolean;
  release(object: KindOf<R>): KindOf<R>;
}

const held = <R extends GroupResource>(kind: HeldBack<R>): HeldBack => kind;

/** How each kind is held back, and let go. */
const heldBack: readonly HeldBack[] = [
  held({
    resource: 'configmaps',
    isHeld: ({ metadata }) => metadata.finalizers?.includes(manifests.FINALIZER) ?? false,
    release: (object) => ({ ...object, metadata: { ...object.metadata, finalizers: [] } }),
  }),
  held({
    resource: 'deployments.apps',
    isHeld: ({ spec }) => spec?.paused === true,
    release: (object) => ({ ...object, spec: { ...object.spec!, paused: false } }),
  }),
  held({
    resource: 'nodes',
    isHeld: (node) => node.spec?.unschedulable === true || isTainted(node) || isLost(node),
    release: (node) => withoutTaint(found({ ...node, spec: { ...node.spec, unschedulable: false } })),
  }),
];

const names = ['anna', 'bert', 'cleo', 'dora'];
/** Namespaces that come and go. */
const passing = ['shop', 'lab'];
const namespaces = ['default', ...passing];

const makers = {
  'deployments.apps': manifests.deployment,
  'statefulsets.apps': manifests.statefulSet,
  'daemonsets.apps': manifests.daemonSet,
  'jobs.batch': manifests.job,
  pods: manifests.pod,
  services: manifests.service,
  configmaps: manifests.configMap,
};

/** How often each is created (changed, deleted, read), relative to the others. */
const created: Record<keyof typeof makers, number> = {
  'deployments.apps': 6,
  'statefulsets.apps': 3,
  'daemonsets.apps': 1,
  'jobs.batch': 4,
  pods: 3,
  services: 2,
  configmaps: 5,
};

const policies = ['policy-a', 'policy-b'];

type Deed = keyof typeof weights;

const weights = {
  create: 30,
  createLarge: 0.2,
  flood: 3,
  putPolicy: 3,
  takePolicy: 0.7,
  createNamespace: 5,
  deleteNamespace: 1,
  scale: 8,
  rollOut: 6,
  pause: 2,
  edit: 6,
  labelIfUnchanged: 4,
  deleteIfUnchanged: 1.5,
  blunder: 2,
  count: 8,
  label: 4,
  delete: 10,
  deletePod: 4,
  deletePods: 1,
  list: 4,
  lookBack: 3,
  get: 6,
  createNode: 1.5,
  deleteNode: 0.5,
  cordon: 1,
};
