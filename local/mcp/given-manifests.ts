import { inOrderOfCreation, type Manifest, manifestsIn } from '../manifests.ts';

/** The objects of a text, in the order in which they can be created. Throws an Error where there are none, or it is no YAML. */
export function manifestsOf(text: string): readonly Manifest[] {
  const manifests = manifestsIn(text, 'manifests');
  if (manifests.length === 0) throw new Error('manifests: there is no object in it');
  return inOrderOfCreation(manifests);
}
