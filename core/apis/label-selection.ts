import { selects } from '../kube/label-selector.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { LabelSelector, Pod } from '../schema/generated/kinds.ts';
import type { KindOf } from '../schema/kind-of.ts';
import { type Index, index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';

/**
 * Objects and what selects them find each other by one requirement of the selector: an object without the label that it names is not looked
 * at. Only a selector that names no value of any label (`Exists`, `NotIn`, or everything) is held against all of a namespace.
 */

/** The pods of a namespace that a selector selects. */
export function selectedPods(selector: LabelSelector | undefined, namespace: string | undefined, state: State): readonly Pod[] {
  const labels = labelsOf(selector);
  const candidates = labels ? labels.flatMap(([name, value]) => state.by(podsByLabel, placeOf(namespace, name, value))) : state.list('pods', namespace);
  return candidates.filter((pod) => selects(selector, pod.metadata.labels));
}

/** The objects of an index that select this one: they are in its namespace. */
export function selecting<T extends KubeObject>(
  { selectors, selectorOf }: SelectorIndex<T>,
  { metadata: { namespace, labels = {} } }: KubeObject,
  state: State,
): T[] {
  const places = [anywhereIn(namespace), ...Object.entries(labels).map(([name, value]) => placeOf(namespace, name, value))];
  const candidates = new Set(places.flatMap((place) => state.by(selectors, place)));
  return [...candidates].filter((object) => selects(selectorOf(object), labels));
}

/** The objects of a resource by what they select; what has no selector selects nothing. */
export interface SelectorIndex<T extends KubeObject> {
  readonly selectors: Index<T>;
  readonly selectorOf: (object: T) => LabelSelector | undefined;
}

export function selectorIndex<R extends GroupResource>(resource: R, selectorOf: (object: KindOf<R>) => LabelSelector | undefined): SelectorIndex<KindOf<R>> {
  const selectors = index([resource], (_key, object) => {
    const { namespace } = object.metadata;
    const selector = selectorOf(object);
    if (!selector) return [];
    return labelsOf(selector)?.map(([name, value]) => placeOf(namespace, name, value)) ?? [anywhereIn(namespace)];
  });
  return { selectors, selectorOf };
}

const podsByLabel = index(['pods'], (_key, { metadata }) =>
  Object.entries(metadata.labels ?? {}).map(([name, value]) => placeOf(metadata.namespace, name, value)),
);

/** Labels of which whatever is selected has one; undefined when there are none such. */
function labelsOf(selector: LabelSelector | undefined): [name: string, value: string][] | undefined {
  if (!selector) return [];
  const [equal] = Object.entries(selector.matchLabels ?? {});
  if (equal) return [equal];
  const one = selector.matchExpressions?.find(({ operator }) => operator === 'In');
  return one && [...new Set(one.values)].map((value) => [one.key, value]);
}

const placeOf = (namespace: string | undefined, name: string, value: string): string => `${namespace}/${name}=${value}`;

/** No label has this place: it has no name. */
const anywhereIn = (namespace: string | undefined): string => `${namespace}/`;
