import { humanDuration } from '../../../kube/duration.ts';
import { fieldsOf } from '../../../kube/fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { canonicalTime, TimeError } from '../../../kube/time.ts';
import type { CustomResourceColumnDefinition } from '../../../schema/generated/kinds.ts';
import { ageColumn, nameColumn } from '../../columns.ts';
import type { Cell, Table, TableColumn } from '../../strategy.ts';
import { firstAt, type JsonPath, parseJsonPath, printed } from './json-path.ts';

/** The columns of a custom resource without its own: its age. */
const AGE: CustomResourceColumnDefinition = { name: 'Age', type: 'date', description: ageColumn.description, jsonPath: '.metadata.creationTimestamp' };

/**
 * The Table of a version (Kubernetes documentation, "Additional printer columns"; apiextensions-apiserver's tableconvertor). A column whose path cannot be read ends
 * it, as there.
 */
export function printerTable(columns: readonly CustomResourceColumnDefinition[] = []): Table<KubeObject> {
  const given = columns.length > 0 ? columns : [AGE];
  const paths = given.map(({ jsonPath }) => parseJsonPath(jsonPath));
  const unreadable = paths.indexOf(undefined);
  const shown = unreadable < 0 ? given : given.slice(0, unreadable);
  return {
    columns: [nameColumn, ...shown.map(columnOf)],
    cells: (object, now) => [object.metadata.name, ...shown.map(({ type }, i) => cellOf(fieldsOf(object), type, paths[i] as JsonPath, now))],
  };
}

const columnOf = ({ name, type, format = '', description, priority = 0, jsonPath }: CustomResourceColumnDefinition): TableColumn => ({
  name,
  type: type as TableColumn['type'],
  format,
  description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
  priority,
});

/** Nothing for what is not there, or not of its type. */
function cellOf(object: unknown, type: string, path: JsonPath, now: number): Cell {
  const value = firstAt(path, object);
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return printed(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return null;
  }
}

/** How long ago a time is. */
function ageOf(text: string, now: number): string {
  try {
    return humanDuration(now - Date.parse(canonicalTime(text, 'seconds')));
  } catch (error) {
    if (error instanceof TimeError) return '<invalid>';
    throw error;
  }
}
