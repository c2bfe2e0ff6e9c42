import { fileURLToPath } from 'node:url';
import { objectsIn } from '../../core/api/codec/manifests.ts';
import type { Apis } from '../../core/apis/apis.ts';
import { apply } from '../apply.ts';
import { inOrderOfCreation, type Manifest, manifestsIn, readManifests } from '../manifests.ts';
import type { Fetch } from './ask.ts';
import type { Applied } from './test-cluster.ts';

/**
 * Applies manifests one after the other, as `kubectl apply` does: text, the path of a file or folder, or objects. Throws an Error when one of them is no manifest, before any is applied, and one that tells of all that were
 * refused.
 */
export async function applyAll(
  given: string | URL | object | readonly object[],
  { fetch, apis }: { readonly fetch: Fetch; readonly apis: () => Apis },
): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  const refused: string[] = [];
  for (const { object, source } of await manifestsOf(given)) {
    const { apiVersion, kind, metadata } = object;
    try {
      const outcome = await apply(fetch, object, apis());
      const namespace = apis().ofKind(apiVersion, kind)?.namespaced ? (metadata.namespace ?? 'default') : undefined;
      applied.push({ apiVersion, kind, name: metadata.name, ...(namespace !== undefined && { namespace }), outcome });
    } catch (error) {
      refused.push(`${source}: ${kind} ${metadata.name}: ${(error as Error).message}`);
    }
  }
  if (refused.length > 0) throw new Error(refused.join('\n'));
  return applied;
}

async function manifestsOf(given: string | URL | object | readonly object[]): Promise<readonly Manifest[]> {
  if (given instanceof URL) return readManifests([fileURLToPath(given)]);
  if (typeof given === 'string') return isText(given) ? inOrder(given, 'text') : readManifests([given]);
  const objects = [given].flat().flatMap((object) => objectsIn(object));
  // As JSON: what has no place there is not sent either.
  return inOrder(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), 'object');
}

const inOrder = (text: string, source: string) => inOrderOfCreation(manifestsIn(text, source));

/** No path has lines, or begins as an object of JSON. */
const isText = (given: string): boolean => given.includes('\n') || /^\s*\{/.test(given);
