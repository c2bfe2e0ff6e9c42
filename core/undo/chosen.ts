import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import type { RestoreSpec } from '../apis/logplane/restore.ts';
import { type LabelSelector, selects } from '../kube/label-selector.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import { isLeftAlone } from './left-alone.ts';

/** An object that a Restore is about: as it was, and as it is; one of them, or both. */
export interface Chosen {
  readonly key: Key;
  readonly was: KubeObject | undefined;
  readonly is: KubeObject | undefined;
}

/** What chooses objects; `namespace`: of a Restore of one namespace, that. */
export type Choice = Omit<RestoreSpec, 'at' | 'force'> & { readonly namespace: string | undefined };

/** The objects that are chosen, of two states of a cluster. What is the same in both is not among them. */
export function* chosen(choice: Choice, { past, now }: { past: State; now: State }): Generator<Chosen> {
  for (const resource of new Set([...past.resources, ...now.resources])) {
    const served = apisOf(now).resource(resource) ?? apisOf(past).resource(resource);
    // What no API serves, or ever did, is no object of a client.
    if (!served || served.aggregated || !isChosenResource(served, choice)) continue;
    for (const [namespace, name] of namesIn(resource, { past, now })) {
      const [was, is] = [past.get(resource, namespace, name), now.get(resource, namespace, name)];
      if (was !== is && isOfChoice(choice, served, { was, is })) yield { key: keyOf(resource, namespace, name), was, is };
    }
  }
}

/** Whether an object is chosen, of a resource that may be. */
export const isChosen = (choice: Choice, resource: ApiResource, versions: Pick<Chosen, 'was' | 'is'>): boolean =>
  isChosenResource(resource, choice) && isOfChoice(choice, resource, versions);

function isChosenResource(resource: ApiResource, { resources, namespace }: Choice): boolean {
  if (resource.storedAs !== resource.groupResource || (namespace !== undefined && !resource.namespaced)) return false;
  return resources ? resources.some((name) => isNamed(resource, name)) : !isLeftAlone(resource.groupResource);
}

/** As kubectl lets resources be named: `deployments.apps`, `deployments`, `deployment`, `deploy`, `Deployment`. */
export function isNamed({ groupResource, resource, singular, kind, shortNames }: ApiResource, name: string): boolean {
  return [groupResource, resource, singular, kind, ...shortNames].some((known) => known.toLowerCase() === name.toLowerCase());
}

function namesIn(resource: string, { past, now }: { past: State; now: State }): Iterable<readonly [string | undefined, string]> {
  const names = new Map<Key, readonly [string | undefined, string]>();
  for (const state of [past, now]) {
    for (const { metadata } of state.list(resource)) names.set(keyOf(resource, metadata.namespace, metadata.name), [metadata.namespace, metadata.name]);
  }
  return names.values();
}

function isOfChoice({ namespace, namespaces, names, selector }: Choice, resource: ApiResource, { was, is }: Pick<Chosen, 'was' | 'is'>): boolean {
  const { metadata } = (is ?? was)!;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  if (namespaces && !namespaces.includes(resource.groupResource === 'namespaces' ? metadata.name : (metadata.namespace ?? ''))) return false;
  if (names && !names.includes(metadata.name)) return false;
  return !selector || [was, is].some((object) => object && selects(selector as LabelSelector, object.metadata.labels));
}
