import type { KubeObject } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import { ownResource } from './own-resource.ts';
import { afterEnd, looksLikeMoment, readWhen } from './when.ts';

/** A name for a moment of a cluster: `/clusters/NAME@BOOKMARK` shows it as it was then. */
export interface Bookmark extends KubeObject {
  readonly spec: { readonly at?: string | number; offset?: Offset; readonly note?: string };
}

/** The moment that a bookmark is to name. A time becomes an offset before it is written (api/verbs/bookmark.ts): the state alone does not say which. */
export const momentOf = ({ spec }: Bookmark) => (spec.at === undefined ? undefined : readWhen(String(spec.at)));

export const bookmarks = ownResource<Bookmark>({
  plural: 'bookmarks',
  singular: 'bookmark',
  kind: 'Bookmark',
  namespaced: false,
  description: 'Bookmark names a moment of the cluster: an offset of its log.',
  properties: {
    spec: {
      type: 'object',
      default: {},
      properties: {
        at: {
          'x-kubernetes-int-or-string': true,
          description: 'The moment that is meant, as a resourceVersion or an RFC 3339 time. Defaults to the newest when the bookmark is created.',
        },
        offset: {
          type: 'integer',
          format: 'int64',
          minimum: 1,
          description: 'The resourceVersion right after which the cluster is meant. It follows from at, where that is given.',
        },
        note: { type: 'string', maxLength: 1024, description: 'What is to be remembered of it.' },
      },
    },
  },
  columns: [
    { name: 'Offset', type: 'integer', jsonPath: '.spec.offset', description: 'The resourceVersion that it names.' },
    { name: 'Note', type: 'string', jsonPath: '.spec.note', description: 'What is to be remembered of it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  strategy: {
    nameRule: (_, name) => (looksLikeMoment(name) ? ['must not look like a resourceVersion or a time, as which NAME@… would be read'] : []),
    prepareForCreate(object, { state }) {
      object.spec.offset = offsetNamed(object) ?? object.spec.offset ?? state.offset;
    },
    prepareForUpdate(object, previous) {
      if (object.spec.at !== previous.spec.at) object.spec.offset = offsetNamed(object) ?? object.spec.offset;
      object.spec.offset ??= previous.spec.offset!;
    },
    validate: ({ spec: { at } }): FieldError[] => {
      const when = at === undefined ? undefined : readWhen(String(at));
      return at === undefined || (when && !('bookmark' in when)) ? [] : [invalidValue('spec.at', at, 'must be a resourceVersion or an RFC 3339 time')];
    },
    validateCreate: (bookmark, { state }) => futureErrors(bookmark, state.offset),
  },
});

/** What can be said of the moment without a look at the log. */
function offsetNamed(bookmark: Bookmark): Offset | undefined {
  const when = momentOf(bookmark);
  return when && 'offset' in when ? when.offset : undefined;
}

/** A bookmark of what is not there yet, in a log that ends at an offset. */
export const futureErrors = ({ spec: { at, offset = 0 } }: Bookmark, end: Offset): FieldError[] =>
  offset > end ? [invalidValue(at === undefined ? 'spec.offset' : 'spec.at', at ?? offset, afterEnd(end))] : [];
