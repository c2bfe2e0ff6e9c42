import { type CreateMutation, type Mutation, type UpdateMutation, update } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import { type Key, type KubeObject, timestamp } from '../kube/object.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

interface EventOptions {
  /** The object that the Event is about. */
  regarding: KubeObject;
  /** The part of it, as `spec.containers{web}`. */
  fieldPath?: string;
  type: 'Normal' | 'Warning';
  /** UpperCamelCase, for machines: `SuccessfulCreate`. */
  reason: string;
  message: string;
  /** Another object that it is about, and what was done. */
  related?: KubeObject;
  action?: string;
  /** `replicaset-controller`, `kubelet`, `default-scheduler` */
  component: string;
  /** The node, when one reports. */
  host?: string;
  /** Orders the names of Events of one object and one millisecond, so that lists show them as they happened, and tells them apart. */
  sequence?: number;
  count?: number;
  now: number;
  env: Env;
}

/**
 * The mutation that records a core/v1 Event, as client-go's recorder makes it (k8s.io/client-go/tools/record, makeEvent): named after the
 * object and the time, in the object's namespace, or `default` for cluster-scoped ones.
 */
export function eventObject(options: EventOptions): CreateMutation<'events'> {
  const { regarding, fieldPath, type, reason, message, related, action, component, host, count = 1, now } = options;
  const { name, namespace } = regarding.metadata;
  const time = timestamp(now);
  return {
    type: 'create',
    resource: 'events',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${eventSuffix(options)}`, namespace: namespace ?? 'default' },
      involvedObject: { ...referenceTo(regarding), ...(fieldPath && { fieldPath }) },
      ...(related && { related: referenceTo(related) }),
      ...(action && { action }),
      type,
      reason,
      message,
      source: { component, ...(host && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: time,
      lastTimestamp: time,
      count,
    },
  };
}

function referenceTo({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } }: KubeObject): EventObject['involvedObject'] {
  return {
    apiVersion,
    kind,
    ...(namespace && { namespace }),
    name,
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

/**
 * 64 bits in hex: 41 of milliseconds, 10 of the object's version, 6 of sequence, 7 of chance. (Kubernetes uses nanoseconds, which no pass
 * has.) The version puts what different components tell of an object within a millisecond, as it was scheduled and then started, in order.
 * A sequence beyond 63, as of a pod with many containers, goes on into the bits above: no two Events of one pass have one name.
 */
function eventSuffix({ regarding, sequence = 0, now, env }: EventOptions): string {
  const version = Number(regarding.metadata.resourceVersion ?? 0) % 0x400;
  const low = version * 0x2000 + sequence * 0x80 + Math.floor(env.random.next() * 0x80);
  return ((BigInt(now) << 23n) + BigInt(low)).toString(16).padStart(16, '0');
}

// client-go's EventAggregator: the tenth similar Event of an object and all after it become one.
const SIMILAR_EVENTS = 9;

interface Recorded extends Omit<EventOptions, 'now' | 'env' | 'component' | 'host'> {
  /** What tells the same as an Event that is there: it is counted in that one, or it is left out. By default a warning is counted, and another Event is one more. */
  readonly again?: 'counted' | 'left out';
  /** The object whose change it tells of, if that is wanted in the same pass: it may be refused. */
  readonly of?: Key;
}

/**
 * Collects the Events of one pass of one component. As client-go's correlator does, Events that are alike in all but their message are
 * combined from the tenth on, so that a thousand created pods do not make a thousand Events, and a warning that is repeated is counted in
 * the Event that is there already, so that trying again forever does not fill the log. Other Events never take a name that is taken.
 */
export class EventRecorder {
  readonly #options: { state: State; component: string; host?: string; now: number; env: Env };
  readonly #recorded: Recorded[] = [];

  constructor(options: { state: State; component: string; host?: string; now: number; env: Env }) {
    this.#options = options;
  }

  record(event: Omit<Recorded, 'sequence' | 'count'>): void {
    this.#recorded.push(event);
  }

  normal(regarding: KubeObject, reason: string, message: string, { of }: Pick<Recorded, 'of'> = {}): void {
    this.record({ regarding, type: 'Normal', reason, message, ...(of !== undefined && { of }) });
  }

  /** A normal Event that tells the same again and again for as long as something lasts: one Event counts it, as it does for warnings. */
  repeated(regarding: KubeObject, reason: string, message: string): void {
    this.record({ regarding, type: 'Normal', reason, message, again: 'counted' });
  }

  warning(regarding: KubeObject, reason: string, message: string): void {
    this.record({ regarding, type: 'Warning', reason, message });
  }

  /** A warning of what stays as it is until its author changes it: it is not told again as long as it can be read. */
  warningOnce(regarding: KubeObject, reason: string, message: string): void {
    this.record({ regarding, type: 'Warning', reason, message, again: 'left out' });
  }

  mutations(): Mutation[] {
    const out: Mutation[] = [];
    const groups = Map.groupBy(this.#recorded, ({ regarding, fieldPath, type, reason }) => [regarding.metadata.uid, fieldPath, type, reason].join('/'));
    let sequence = 0;
    for (const group of groups.values()) {
      for (const event of group.slice(0, SIMILAR_EVENTS)) out.push(...this.#mutation({ ...event, sequence: sequence++ }));
      const last = group.at(-1)!;
      const rest = group.length - SIMILAR_EVENTS;
      if (rest === 1) out.push(...this.#mutation({ ...last, sequence: sequence++ }));
      if (rest > 1) {
        const combined = { ...last, message: `(combined from similar events): ${last.message}`, count: rest, sequence: sequence++ };
        out.push(...this.#mutation(combined, group.slice(SIMILAR_EVENTS)));
      }
    }
    return out;
  }

  /** A new Event; of what an Event tells already, that one with a higher count, or none. */
  #mutation({ again: said, of, ...event }: Recorded, told: readonly Pick<Recorded, 'of'>[] = [{ of }]): Mutation[] {
    const again = said ?? (event.type === 'Warning' ? 'counted' : undefined);
    const { state, ...rest } = this.#options;
    const options = { ...rest, ...event };
    if (again) {
      const mutation = countedEvent(options, state);
      return again === 'left out' && mutation.type === 'update' ? [] : [mutation];
    }
    let mutation = eventObject(options);
    while (state.get('events', mutation.object.metadata.namespace, mutation.object.metadata.name)) mutation = eventObject(options);
    const tellsOf = told.flatMap(({ of }) => of ?? []);
    return [tellsOf.length > 0 ? { ...mutation, tellsOf } : mutation];
  }
}

/** An Event that is told again and again: a new one, or the one that says the same with a higher count. */
export function countedEvent(options: EventOptions, state: State): CreateMutation<'events'> | UpdateMutation<'events'> {
  const mutation = eventObject(options);
  const { namespace } = mutation.object.metadata;
  const name = `${options.regarding.metadata.name}.${contentSuffix(options)}`;
  const earlier = state.get('events', namespace, name);
  if (!earlier) return { ...mutation, object: { ...mutation.object, metadata: { name, namespace: namespace! } } };
  const { resourceVersion: _, ...metadata } = earlier.metadata;
  const count = (earlier.count ?? 1) + (options.count ?? 1);
  return update('events', { ...earlier, metadata, count, lastTimestamp: timestamp(options.now) });
}

/** An Event of what has happened so often until now: a new one, or the one that says the same of fewer times. None: it is told already. */
export function totalEvent(options: EventOptions & { count: number }, state: State): Mutation | undefined {
  const { metadata } = countedEvent(options, state).object;
  const told = state.get('events', metadata.namespace, metadata.name)?.count ?? 0;
  return told < options.count ? countedEvent({ ...options, count: options.count - told }, state) : undefined;
}

/** An Event of something that happens once, at a time and to something that have a name: none when it is told already. */
export function singleEvent(options: EventOptions & { at: number; what: string }, state: State): CreateMutation<'events'> | undefined {
  const mutation = eventObject(options);
  const { namespace } = mutation.object.metadata;
  const low = BigInt(`0x${contentSuffix({ ...options, message: options.what })}`) % (1n << 23n);
  const name = `${options.regarding.metadata.name}.${((BigInt(Math.floor(options.at)) << 23n) + low).toString(16).padStart(16, '0')}`;
  if (state.get('events', namespace, name)) return undefined;
  return { ...mutation, object: { ...mutation.object, metadata: { name, namespace: namespace! } } };
}

/** 64 bits in hex, the same for Events that say the same (FNV-1a, from two bases). */
function contentSuffix({ regarding, fieldPath, reason, message, component }: EventOptions): string {
  const text = [regarding.metadata.uid, fieldPath, reason, component, message].join('\n');
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
