import { exactField, type FieldRequirements, matchesFields } from '../../apis/field-selectors.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type LabelRequirements, matchesLabels } from '../../kube/selectors.ts';
import { badRequest } from '../../kube/status.ts';
import type { Scope } from '../../replica/waiting-readers.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';
import type { Target } from '../request/target.ts';
import type { ListOptions } from './list-options.ts';

/** Which objects of a resource a list, a watch or a deletecollection is about. */
export interface Selection {
  readonly target: Target;
  readonly namespace: string | undefined;
  readonly labels: LabelRequirements;
  readonly fields: FieldRequirements;
}

export function selectionOf({ target, info }: Pick<ReadCall, 'target' | 'info'>, { labels, fields }: Pick<ListOptions, 'labels' | 'fields'>): Selection {
  // The old watch path names one object: that is the same as a field selector.
  if (info.name !== undefined && info.verb === 'watch') {
    if (fields.length > 0 && exactField(fields, 'metadata.name') !== info.name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
    fields = [{ field: 'metadata.name', operator: '=', value: info.name }];
  }
  return { target, namespace: info.namespace, labels, fields };
}

/** The objects of a state that are selected, in the order of their names. */
export function selected(state: State, selection: Selection): readonly KubeObject[] {
  const candidates = candidatesOf(state, selection);
  return isEverything(selection) ? candidates : candidates.filter((object) => matches(object, selection));
}

export const isEverything = ({ labels, fields }: Selection): boolean => labels.length === 0 && fields.length === 0;

/** Whether an object of the resource is selected. */
export function matches(object: KubeObject, { target, namespace, labels, fields }: Selection): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  return matchesLabels(labels, object.metadata.labels) && (fields.length === 0 || matchesFields(fields, object, target.resource));
}

/** What a selection can be about, as far as the keys of objects say: no change outside of it concerns it. */
export function scopeOf({ target, namespace, fields }: Selection): Scope {
  const { groupResource: resource, namespaced } = target.storage;
  const within = namespace ?? (namespaced ? exactField(fields, 'metadata.namespace') : undefined);
  const name = exactField(fields, 'metadata.name');
  if (name !== undefined && (!namespaced || within !== undefined)) return { resource, namespace: within ?? '', name };
  return within === undefined ? { resource } : { resource, namespace: within };
}

/** As few objects as an index or a name leaves. */
function candidatesOf(state: State, selection: Selection): readonly KubeObject[] {
  const { resource, namespace, name } = scopeOf(selection);
  if (name !== undefined) {
    const object = state.get(resource, namespace, name);
    return object ? [object] : [];
  }
  const nodeName = resource === 'pods' ? exactField(selection.fields, 'spec.nodeName') : undefined;
  if (nodeName) return [...state.by('node', nodeName)].sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
  return state.list(resource, namespace);
}

/** What lists are ordered by: `namespace/name`. */
export const pathOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
