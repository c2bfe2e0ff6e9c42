import { type KubeObject, same } from '../../../core/kube/object.ts';
import type { LogEntry } from '../../../core/log/log.ts';
import type { Pod, ResourceQuota } from '../../../core/schema/generated/kinds.ts';
import type { Version } from '../replay.ts';
import type { Checker } from './checker.ts';
import { isFinished, millis, requestsOf } from './quantities.ts';

/**
 * What is used of quotas, reckoned anew from the objects at every offset: nothing takes more of one than it leaves, and a status is true once the entry is over
 * that it was told in, and when all is at rest. Quotas of the simulation limit pods, ConfigMaps and `requests.cpu`.
 */
export const quotas: Checker = {
  name: 'quotas',
  *check({ entries, replay }) {
    const spaces = new Map<string, Space>();
    const ends = endsOf(entries);
    const told = new Set<Space>();
    for (const version of replay.versions) {
      const { key, type, time, offset } = version;
      const space = spaceOf(version, spaces);
      if (space) {
        const before = space.taken(time);
        space.apply(version);
        if (type === 'MODIFIED' && key.startsWith('resourcequotas/') && !same(statusOf(version.object), statusOf(version.previous))) told.add(space);
        if (type === 'ADDED') yield* excess(space, before, version);
      }
      if (!ends.has(offset)) continue;
      for (const { quota, taken, hasLate } of told) if (quota && !hasLate(time)) yield* untrue(quota, taken(time), offset);
      told.clear();
    }
    const last = replay.versions.at(-1);
    for (const { quota, taken, hasLate } of spaces.values()) if (last && quota && !hasLate(last.time)) yield* untrue(quota, taken(last.time), last.offset);
  },
};

const statusOf = (object: KubeObject | undefined) => (object as ResourceQuota | undefined)?.status;

type Taken = Readonly<Record<string, number>>;

/** A namespace with what counts in it. */
class Space {
  quota: ResourceQuota | undefined;
  readonly #pods = new Map<string, Pod>();
  readonly #configMaps = new Set<string>();

  apply({ key, type, object }: Version): void {
    const is = type !== 'DELETED';
    if (key.startsWith('resourcequotas/')) this.quota = is ? (object as ResourceQuota) : undefined;
    else if (key.startsWith('configmaps/')) is ? this.#configMaps.add(key) : this.#configMaps.delete(key);
    else if (is && !isFinished(object as Pod)) this.#pods.set(key, object as Pod);
    else this.#pods.delete(key);
  }

  readonly taken = (time: number): Taken => {
    const pods = [...this.#pods.values()].filter((pod) => !isLate(pod, time));
    return { configmaps: this.#configMaps.size, pods: pods.length, 'requests.cpu': pods.reduce((sum, pod) => sum + requestsOf(pod).cpu, 0) };
  };

  /** Whether there is a pod that should have gone: the controller, which decides a while before its entry is written, says so a little later. */
  readonly hasLate = (time: number): boolean => [...this.#pods.values()].some((pod) => isLate(pod, time));
}

const isLate = ({ metadata: { deletionTimestamp, deletionGracePeriodSeconds = 0 } }: Pod, time: number): boolean =>
  deletionTimestamp !== undefined && time > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;

function spaceOf({ key }: Version, spaces: Map<string, Space>): Space | undefined {
  const [resource, namespace] = key.split('/') as [string, string];
  if (resource !== 'resourcequotas' && resource !== 'configmaps' && resource !== 'pods') return undefined;
  let space = spaces.get(namespace);
  if (!space) {
    space = new Space();
    spaces.set(namespace, space);
  }
  return space;
}

function* excess({ quota, taken }: Space, before: Taken, { key, time, offset }: Version): Generator<string> {
  const now = taken(time);
  for (const [name, most] of Object.entries(quota?.spec?.hard ?? {})) {
    const limit = amountOf(name, most);
    if (now[name]! > before[name]! && now[name]! > limit) yield `${key} takes ${name} to ${now[name]} at ${offset}, of which the quota allows ${limit}`;
  }
}

function* untrue({ metadata: { namespace, name }, spec, status }: ResourceQuota, taken: Taken, offset: number): Generator<string> {
  for (const resource of Object.keys(spec?.hard ?? {})) {
    const [hard, used] = [status?.hard?.[resource], status?.used?.[resource]];
    if (hard !== spec!.hard![resource] || used === undefined || amountOf(resource, used) !== taken[resource])
      yield `${namespace}/${name} tells at ${offset} that of ${hard} ${resource} ${used} are used; ${spec!.hard![resource]} are allowed, ${taken[resource]} used`;
  }
}

const amountOf = (name: string, text: string): number => (name === 'requests.cpu' ? millis(text) : millis(text) / 1000);

const endsOf = (entries: readonly LogEntry[]): Set<number> => new Set(entries.map(({ offset, events }) => offset + events.length - 1));
