import { Chance } from './chance.ts';
import { Client } from './client.ts';
import type { Deployment } from './deployment.ts';
import type { History } from './history.ts';
import { type Housekeeping, KEPT_MS, SETTLED_MS } from './housekeeping.ts';
import { Http } from './http.ts';
import type { Instance } from './instance.ts';
import * as manifests from './manifests.ts';
import { Process, type World } from './process.ts';

export interface LatecomersOptions {
  readonly world: World;
  readonly deployment: Deployment;
  readonly history: History;
  readonly housekeeping: Housekeeping;
  readonly clusters: readonly string[];
}

/**
 * What a run ends with, when all is at rest: one instance of the API writes a little more; that grows old, and is deleted as far as it may be;
 * then every other instance that is still there writes, too. None of them has read the log for long, and where it would append, the entry that
 * was there is gone: an instance that does not read before it appends writes into the past.
 */
export async function writeLate({ world, deployment, history, housekeeping, clusters }: LatecomersOptions): Promise<void> {
  const process = new Process(world, 'latecomer', { mortal: false });
  const [first, ...others] = deployment.apiInstances;
  const writing = (cluster: string) => {
    const chance = new Chance(`${world.seed} late in ${cluster}`);
    return async (instance: Instance | undefined) => {
      const http = new Http({ world, deployment, client: process, history, ...(instance && { instance }) });
      const client = new Client({ cluster, process, http, history, chance });
      // No policy is asked about it: a commit that asks reads the log in any case.
      const target = { resource: 'services', namespace: 'default', name: `late-${process.env.ids.suffix()}` };
      await client.create(target.resource, manifests.service(chance, target.namespace, target.name));
      await client.change(target, (object) => ({ ...object, metadata: { ...object.metadata, annotations: { 'simulation/late': 'yes' } } }));
      await client.list(target.resource, target.namespace, 500);
    };
  };
  const writes = clusters.map(writing);
  for (const write of writes) for (let i = 0; i < 3; i++) await write(first);
  // The first look takes a snapshot, the second finds it known for long enough.
  for (const ms of [2 * KEPT_MS, 2 * SETTLED_MS]) {
    await process.env.clock.sleep(ms);
    for (const cluster of clusters) await housekeeping.run(cluster);
  }
  for (const write of writes) for (const instance of others) await write(instance);
}
