import { type Fields, field, isFields } from '../../kube/fields.ts';
import { parseYaml } from './yaml.ts';

/**
 * The objects of a text: YAML documents or JSON. Documents are told apart as kubectl does, by lines that begin with `---`, and Lists are taken apart. Throws an Error that says what of it is no
 * YAML or no object.
 */
export function manifestsIn(text: string): Fields[] {
  const out: Fields[] = [];
  let line = 0;
  for (const document of text.split(/^---.*$/m)) {
    // The lines before it, empty: what the parser says of lines is then said of the text's.
    const value = parseYaml('\n'.repeat(line) + document, (problem) => {
      throw new Error(problem);
    });
    out.push(...objectsIn(value));
    line += document.split('\n').length - 1;
  }
  return out;
}

/** An object, or those of a List. Throws an Error when it is none. */
export function objectsIn(value: unknown): Fields[] {
  if (value === null) return [];
  if (!isFields(value) || !field(value, 'apiVersion') || !field(value, 'kind')) throw new Error('not a Kubernetes object: apiVersion and kind are missing');
  const { apiVersion, kind, items } = value;
  if (kind === 'List' && Array.isArray(items)) return items.flatMap(objectsIn);
  // A build instruction for `kubectl apply -k`, not an object.
  if (kind === 'Kustomization' && String(apiVersion).startsWith('kustomize.config.k8s.io/')) return [];
  return [value];
}
