import { type Fields, isFields } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { compare } from '../managed-fields/comparison.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import { fieldSetOf } from '../managed-fields/field-set-of.ts';
import type { MergeType } from '../managed-fields/merge-type.ts';
import { difference } from '../managed-fields/set-operations.ts';
import type { Applying } from '../managed-fields/tracking.ts';
import { typeErrors } from '../managed-fields/type-errors.ts';
import type { Conflict } from '../managed-fields/updater.ts';

/** From client-side apply to server-side apply, for kubectl alone (apimachinery's managedfields/internal/lastappliedmanager.go, lastappliedupdater.go). */

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether kubectl applied a field by itself, and it has that value still. */
export function isAllowedByLastApplied({ path }: Conflict, write: Pick<Applying, 'live' | 'by'>, type: MergeType): boolean {
  return lastAppliedFields(write, type)?.has(path) ?? false;
}

function lastAppliedFields({ live, by: { apiVersion } }: Pick<Applying, 'live' | 'by'>, type: MergeType): FieldSet | undefined {
  const text = lastAppliedOf(live as KubeObject);
  if (!text) return undefined;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(config) || config['apiVersion'] !== apiVersion || typeErrors(config, type)) return undefined;
  const { added, modified, removed } = compare(config, live, type);
  return difference(difference(difference(fieldSetOf(config, type), modified), added), removed);
}

const lastAppliedOf = ({ metadata }: KubeObject): string | undefined => metadata?.annotations?.[LAST_APPLIED];

/** The annotation kept up with what is applied, where there is one: kubectl may go back to client-side apply. */
export function withLastApplied(object: KubeObject, config: Fields): KubeObject {
  if (!lastAppliedOf(object)) return object;
  const { metadata = {}, ...rest } = config as { metadata?: Fields };
  const { annotations, ...others } = metadata as { annotations?: Fields };
  const { [LAST_APPLIED]: _, ...kept } = annotations ?? {};
  const text = `${JSON.stringify(sorted({ ...rest, metadata: { ...others, ...(annotations && Object.keys(kept).length > 0 && { annotations: kept }) } }))}\n`;
  const all = { ...object.metadata.annotations, [LAST_APPLIED]: text };
  if (sizeOf(all) > MOST_BYTES) {
    const { [LAST_APPLIED]: _old, ...fitting } = all;
    return { ...object, metadata: { ...object.metadata, annotations: fitting } };
  }
  return { ...object, metadata: { ...object.metadata, annotations: all } };
}

/** All annotations of an object (apimachinery's api/validation, TotalAnnotationSizeLimitB). */
const MOST_BYTES = 256 * 1024;

const sizeOf = (annotations: Readonly<Record<string, string>>): number =>
  Object.entries(annotations).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(value), 0);

/** As Go writes a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}
