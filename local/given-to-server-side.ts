import type { Step } from '../core/apis/logplane/transaction.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { readEntries } from '../core/managed-fields/managed-entry.ts';
import { entriesGivenToServerSide } from '../core/plan/client-side-applied.ts';
import { type ApiClient, Refused } from './client/api-client.ts';
import { discover, pathOf } from './client/resources.ts';
import type { Manifest } from './manifests.ts';

const given = ({ metadata }: Pick<KubeObject, 'metadata'>, manager: string) =>
  entriesGivenToServerSide(readEntries(metadata.managedFields ?? []) ?? [], manager);

/** The same as steps of a transaction, before those that apply; for each manifest one, or none. Throws `Unreachable`. */
export async function stepsGivingToServerSide(
  manifests: readonly Manifest[],
  { manager, client }: Omit<Given, 'path'>,
): Promise<readonly (Step | undefined)[]> {
  const resources = await discover(client);
  const steps: (Step | undefined)[] = [];
  for (let at = 0; at < manifests.length; at += AT_ONCE) {
    const some = manifests.slice(at, at + AT_ONCE).map(async ({ object }) => {
      const { apiVersion, kind, metadata } = object;
      const resource = resources.ofKind(apiVersion, kind);
      if (!resource) return undefined;
      const namespace = resource.namespaced ? (metadata.namespace ?? client.namespace ?? 'default') : undefined;
      // Who may not read it may apply it all the same.
      const found = await client.get<KubeObject>(pathOf(resource, namespace, metadata.name)).catch(unlessRefused);
      const managedFields = found && given(found, manager);
      if (!managedFields) return undefined;
      return {
        patch: {
          target: { apiVersion, kind, ...(namespace !== undefined && { namespace }), name: metadata.name },
          type: 'json' as const,
          patch: [{ op: 'replace', path: '/metadata/managedFields', value: managedFields }],
          fieldManager: manager,
        },
        precondition: { resourceVersion: found.metadata.resourceVersion! },
      };
    });
    steps.push(...(await Promise.all(some)));
  }
  return steps;
}

const AT_ONCE = 16;

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error;
}

interface Given {
  readonly path: string;
  readonly manager: string;
  readonly client: ApiClient;
}

/**
 * Gives the fields of an object that `kubectl apply` has applied on the client's side to who applies it server-side, as kubectl does it then: applied once more, it loses what the manifest has no more. Returns whether there was
 * anything to give. Throws what the cluster refuses: 409 where it has changed since.
 */
export async function givenToServerSide({ metadata }: KubeObject, { path, manager, client }: Given): Promise<boolean> {
  const managedFields = given({ metadata }, manager);
  if (!managedFields) return false;
  const patch = [
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
  await client.send('PATCH', `${path}?fieldManager=${encodeURIComponent(manager)}`, patch, { 'content-type': 'application/json-patch+json' });
  return true;
}
