import type { PlanSpec } from '../apis/logplane/plan.ts';
import type { ToldEvent } from '../apis/logplane/plan-status.ts';
import { between, type ClusterInstant } from '../instant.ts';
import { goDuration } from '../kube/go-duration.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { wholeSeconds } from './observations.ts';

type Asked = NonNullable<PlanSpec['events']>;

/** The Events that are written in a plan, as far as they are asked for. What is said of one object again and again is told once, with how often. */
export class EventsTold {
  readonly #asked: Asked;
  readonly #start: ClusterInstant;
  readonly #events = new Map<string, { told: Omit<ToldEvent, 'count' | 'last'>; before: number; count: number; at: ClusterInstant }>();
  #more = 0;

  constructor(asked: Asked, start: ClusterInstant) {
    this.#asked = asked;
    this.#start = start;
  }

  observe({ type, object, previous, time }: Change<EventObject>): void {
    if (type === 'DELETED' || this.#asked === 'None' || (this.#asked === 'Warning' && object.type !== 'Warning')) return;
    const uid = object.metadata.uid!;
    const known = this.#events.get(uid);
    if (known) {
      known.count = countOf(object);
      known.at = time;
    } else if (this.#events.size >= MOST_TOLD) this.#more++;
    else this.#events.set(uid, { told: toldOf(object, this.#after(time)), before: previous ? countOf(previous) : 0, count: countOf(object), at: time });
  }

  /** In the order in which each was written first. */
  get told(): { readonly events?: readonly ToldEvent[]; readonly moreEvents?: number } {
    if (this.#asked === 'None') return {};
    const events = [...this.#events.values()].map(({ told, before, count, at }) => ({ ...told, count: Math.max(1, count - before), last: this.#after(at) }));
    return { events, ...(this.#more > 0 && { moreEvents: this.#more }) };
  }

  #after(at: ClusterInstant): string {
    return goDuration(wholeSeconds(between(this.#start, at)));
  }
}

const MOST_TOLD = 1_000;

const countOf = ({ count, series }: EventObject): number => series?.count ?? count ?? 1;

function toldOf(
  { type = '', reason = '', message = '', involvedObject, source, reportingComponent }: EventObject,
  first: string,
): Omit<ToldEvent, 'count' | 'last'> {
  const { apiVersion = '', kind = '', namespace, name = '' } = involvedObject;
  return { first, type, reason, apiVersion, kind, ...(namespace && { namespace }), name, message, by: source?.component || reportingComponent || '' };
}
