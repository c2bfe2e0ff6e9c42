import { groupVersionOf } from '../../kube/group-version-kind.ts';
import { controllerOf } from '../../kube/object.ts';
import { immutable, nonNegative, required } from '../../kube/validation/field.ts';
import type { ControllerRevision } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** apps/v1 ControllerRevision: a remembered state of a StatefulSet or DaemonSet; its data never changes. */
export const strategy: Strategy<ControllerRevision> = {
  validate: ({ data, revision }) => [
    ...nonNegative('revision', revision),
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
    ...(data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data)) ? [required('data', 'data must be a valid JSON object')] : []),
  ],
  validateUpdate: (revision, previous) => immutable('data', revision.data, previous.data),
  table: {
    columns: [
      nameColumn,
      column('Controller', 'string', 'Controller of the object'),
      column('Revision', 'string', 'Revision indicates the revision of the state represented by Data.'),
      ageColumn,
    ],
    cells: (revision, now) => [revision.metadata.name, controllerText(revision), revision.revision, ageOf(revision, now)],
  },
};

/** `statefulset.apps/web`, as schema.GroupKind prints. */
function controllerText(revision: ControllerRevision): string {
  const controller = controllerOf(revision);
  if (!controller) return '<none>';
  const { group } = groupVersionOf(controller.apiVersion);
  return `${(group ? `${controller.kind}.${group}` : controller.kind).toLowerCase()}/${controller.name}`;
}
