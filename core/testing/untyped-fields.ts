import { builtIn } from '../apis/built-in.ts';
import { fieldsOf, isFields } from '../kube/fields.ts';
import { type Key, type KubeObject, parseKey } from '../kube/object.ts';
import type { PathStep } from '../schema/leaves.ts';
import { decoderOf } from '../schema/structural.ts';

/**
 * Where an object of a built-in kind is not as its Go type would be stored: fields that the type does not have, empty lists that Go omits, amounts in another
 * than the canonical form. What clients send is brought into that form when it is decoded; what components write has to be in it.
 */
export function untypedFields(key: Key, object: KubeObject): string[] {
  const type = types.get(`${parseKey(key).resource} ${object.apiVersion}`);
  if (!type) return [];
  const path: PathStep[] = [];
  const unknown: string[] = [];
  const typed = decoderOf(type).decode(object, { path, words: 'json', unknown: (name) => unknown.push(`has an unknown field ${name}`) }) as KubeObject;
  return [...unknown, ...differences(fieldsOf(object), fieldsOf(typed), '')].map((fault) => `${key} ${fault}`);
}

const types = new Map(
  builtIn.map(({ storedAs, group, storageVersion: { version, type } }) => [`${storedAs} ${group ? `${group}/${version}` : version}`, type]),
);

/** The decoder shares what needs no change. */
function differences(given: unknown, typed: unknown, path: string): string[] {
  if (given === typed) return [];
  if (Array.isArray(given) && Array.isArray(typed)) return given.flatMap((element, i) => differences(element, typed[i], `${path}[${i}]`));
  if (!isFields(given) || !isFields(typed)) return [`has ${JSON.stringify(given)} and not ${JSON.stringify(typed)} at ${path}`];
  return [...new Set([...Object.keys(given), ...Object.keys(typed)])].flatMap((name) => differences(given[name], typed[name], `${path}.${name}`));
}
