import type { KubeObject } from '../../kube/object.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import { ownResource } from './own-resource.ts';

/** A name for a moment of a cluster: `/clusters/NAME@BOOKMARK` shows it as it was then. */
export interface Bookmark extends KubeObject {
  readonly spec: { offset?: Offset; readonly note?: string };
}

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
        offset: {
          type: 'integer',
          format: 'int64',
          minimum: 1,
          description: 'The resourceVersion right after which the cluster is meant. Defaults to the newest when the bookmark is created.',
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
    prepareForCreate(object, { state }) {
      object.spec.offset ??= state.offset;
    },
    validateCreate: ({ spec: { offset = 0 } }, { state }) =>
      offset > state.offset ? [invalidValue('spec.offset', offset, `must not be in the future: the log ends at ${state.offset}`)] : [],
  },
});
