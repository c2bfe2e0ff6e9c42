import type { Table as Printed, TableColumn } from '../../apis/strategy.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { FieldMask } from '../query/field-mask.ts';
import { withManagedFields } from '../request/target.ts';

/** A `meta.k8s.io/v1 Table`: what `kubectl get` shows (API concepts, "Receiving resources as Tables"). */
export interface Table {
  kind: 'Table';
  apiVersion: string;
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  /** null in the events of a watch after the first one. */
  columnDefinitions: readonly TableColumn[] | null;
  rows: TableRow[];
}

export interface TableRow {
  cells: readonly (string | number | boolean | null)[];
  object: unknown;
}

export interface TableOptions {
  /** What a row carries besides its cells: the object's metadata (the default), all of it, or nothing. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** ms since the epoch */
  readonly now: number;
  /** The objects as the client is to see them, in the version that it asked for. */
  readonly served: (object: KubeObject) => KubeObject;
  /** The apiVersion of Tables and of what their rows carry: `meta.k8s.io/v1`. */
  readonly version: string;
  /** Which fields of the object a row carries; all, unless told. */
  readonly fields?: FieldMask | undefined;
  /** Leaves the columns out. */
  readonly noHeaders?: boolean;
}

/** Renders objects of one kind with its columns. */
export function tableOf(objects: readonly KubeObject[], { columns, cells }: Printed<KubeObject>, metadata: Table['metadata'], options: TableOptions): Table {
  return {
    kind: 'Table',
    apiVersion: options.version,
    metadata,
    columnDefinitions: options.noHeaders ? null : columns,
    rows: objects.map((object) => ({ cells: cells(object, options.now), object: includedOf(object, options) })),
  };
}

function includedOf(object: KubeObject, { includeObject, served, version, fields }: TableOptions): unknown {
  if (includeObject === 'None') return null;
  const included = includeObject === 'Object' ? served(object) : partialOf(object, version);
  return fields ? fields.of(included) : included;
}

/** `meta.k8s.io/v1 PartialObjectMetadata` of an object. */
export const partialOf = (object: KubeObject, apiVersion: string) =>
  withManagedFields({ kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }, object);
