import type { KubeObject } from '../../../core/kube/object.ts';
import { managedFieldsOf } from '../../../core/managed-fields/ownership.ts';
import type { Checker, Evidence } from './checker.ts';

/** Who owns the fields of an object at a resourceVersion is the same in each answer: that to its write, a list, a watch, and what projections hold, live or restored. */
export const managers: Checker = {
  name: 'managers',
  *check(evidence) {
    const known = new Map<string, string>();
    let owned = 0;
    for (const { by, object, managedFields } of told(evidence)) {
      const { uid, resourceVersion, name } = object.metadata;
      const text = JSON.stringify(managedFields ?? []);
      if (managedFields) owned++;
      const id = `${uid} ${resourceVersion}`;
      const other = known.get(id);
      if (other !== undefined && other !== text)
        yield `${by} tells of ${object.kind} ${name} at ${resourceVersion} that it is managed by ${text}, not ${other}`;
      else known.set(id, text);
    }
    if (known.size > 0 && owned === 0) yield 'no field has an owner';
  },
};

interface Told {
  readonly by: string;
  readonly object: KubeObject;
  readonly managedFields: readonly unknown[] | undefined;
}

function* told({ cluster, history, projections }: Evidence): Generator<Told> {
  const served = (by: string, object: KubeObject): Told => ({ by, object, managedFields: object.metadata.managedFields });
  for (const { by, objects } of projections) for (const object of objects.values()) yield { by, object, managedFields: managedFieldsOf(object) };
  for (const { cluster: of, key, object } of history.writes)
    if (of === cluster && object && !isGone(object)) yield served(`the answer to a write of ${key}`, object);
  for (const { cluster: of, resource, objects } of history.reads)
    if (of === cluster) for (const object of objects) yield served(`a list of ${resource}`, object);
  for (const { cluster: of, name, segments } of history.informers) {
    if (of === cluster) for (const { initial } of segments) for (const object of initial) yield served(name, object);
  }
}

/** The answer to the write that let an object go shows what that left of it, under the version before. */
const isGone = ({ metadata: { deletionTimestamp, finalizers } }: KubeObject): boolean => deletionTimestamp !== undefined && !finalizers?.length;
