import type { KubeObject } from '../kube/object.ts';
import { definitionOf, schemaOf } from '../schema/built-in-types.ts';
import { FieldSet } from './field-set.ts';
import { kept } from './kept-once.ts';
import { deduced, type MergeType, mergeTypeOf } from './merge-type.ts';
import type { Versions } from './updater.ts';

/**
 * The versions of an object's kind, as far as they can be told from the object: all of them as the one in which it is stored. Of a custom resource, whose
 * type an object of the cluster says, the shape is what its objects have.
 */
export function storedVersions({ apiVersion, kind }: KubeObject, subresource: string | undefined): Versions {
  const key = `${apiVersion}/${kind}/${subresource === 'status' ? 'status' : ''}`;
  let of = versions.get(key);
  if (!of) {
    const definition = definitionOf(apiVersion, kind);
    const type: MergeType = definition ? mergeTypeOf(schemaOf(definition)!) : deduced;
    const ignored = subresource === 'status' ? spec : status;
    of = { typeOf: () => type, convert: ({ value }) => value, ignored: () => ignored };
    if (versions.size >= MOST_KINDS) versions.clear();
    versions.set(key, of);
  }
  return of;
}

const versions = new Map<string, Versions>();
const MOST_KINDS = 1_000;

/** What a write of most kinds cannot change: of the object itself, its status, and through that, the rest. */
const status = kept(FieldSet.of(['f:status']));
const spec = kept(FieldSet.of(['f:spec']));
