import { setTimeout as sleep } from 'node:timers/promises';
import { type Fields, fieldsOf } from '../core/kube/fields.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { ApplyOptions } from './apply-atomically.ts';
import { type ApiClient, Refused, Unreachable } from './client/api-client.ts';
import { discover, nameOfObject, pathOf, type Resources, type ServedResource } from './client/resources.ts';
import { givenToServerSide } from './given-to-server-side.ts';
import type { Manifest } from './manifests.ts';
import { Interrupted } from './terminal.ts';

/** What came of each manifest. */
interface Applied {
  readonly names: readonly string[];
  readonly objects: readonly KubeObject[];
  /** What was refused: a message for each, with the manifest that it is of. */
  readonly refused: readonly string[];
  /** Whether some of it is, as its fields belong to other field managers. */
  readonly hasConflicts: boolean;
  /** What kept it from coming to its end: a cluster that does not answer any more, or the user. */
  readonly brokenOff?: Error;
}

/** Applies manifests server-side, one by one, and goes on after one that is refused; to its end, unless the cluster goes away or `signal` aborts. */
export async function applyEach(
  manifests: readonly Manifest[],
  { fieldManager, force, dryRun, signal }: ApplyOptions & { readonly signal?: AbortSignal | undefined },
  client: ApiClient,
): Promise<Applied> {
  const names: string[] = [];
  const objects: KubeObject[] = [];
  const refused: string[] = [];
  let hasConflicts = false;
  const served = new ServedKinds(client);
  const query = new URLSearchParams({ fieldManager, fieldValidation: 'Strict', ...(force && { force: 'true' }), ...(dryRun && { dryRun: 'All' }) });
  for (const { object, source } of manifests) {
    try {
      signal?.throwIfAborted();
      const resource = await served.of(object);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? client.namespace ?? 'default') : undefined;
      const path = pathOf(resource, namespace, object.metadata.name);
      const send = () => client.send<KubeObject>('PATCH', `${path}?${query}`, fieldsOf(object), APPLY);
      const applied = await send();
      const isGiven = !dryRun && (await givenToServerSide(applied, { path, manager: fieldManager, client }));
      objects.push(isGiven ? await send() : applied);
      names.push(nameOfObject(resource, object.metadata.name));
      if (object.kind === 'CustomResourceDefinition' && !dryRun) served.expect(fieldsOf(object));
    } catch (error) {
      if (error instanceof Unreachable || error instanceof Interrupted) return { names, objects, refused, hasConflicts, brokenOff: error };
      if (!(error instanceof Refused || error instanceof NoSuchKind)) throw error;
      refused.push(`${source}: ${object.kind} ${object.metadata.name}: ${error.message}`);
      hasConflicts ||= isFieldConflict(error);
    }
  }
  return { names, objects, refused, hasConflicts };
}

/** Whether an apply was refused as fields belong to other field managers. */
export const isFieldConflict = (error: unknown): boolean =>
  error instanceof Refused && (error.status.details?.causes ?? []).some(({ reason }) => reason === 'FieldManagerConflict');

class NoSuchKind extends Error {
  override readonly name = 'NoSuchKind';
}

/** What a cluster serves, with what definitions that have just been applied will make it serve. */
class ServedKinds {
  readonly #client: ApiClient;
  readonly #expected = new Set<string>();
  #resources: Resources | undefined;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  expect(definition: Fields): void {
    const { group, names } = definition['spec'] as { group: string; names: { kind: string } };
    this.#expected.add(`${names.kind}.${group}`);
  }

  async of({ apiVersion, kind }: KubeObject): Promise<ServedResource> {
    this.#resources ??= await discover(this.#client);
    const isExpected = this.#expected.has(`${kind}.${apiVersion.split('/')[0]}`);
    for (let attempt = 0; ; attempt++) {
      const found = this.#resources.ofKind(apiVersion, kind);
      if (found) return found;
      // A definition is established a moment after it is there.
      if (!isExpected || attempt === ATTEMPTS) throw new NoSuchKind(`no matches for kind "${kind}" in version "${apiVersion}"`);
      if (attempt > 0) await sleep(PAUSE_MS);
      this.#resources = await discover(this.#client);
    }
  }
}

const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const ATTEMPTS = 50;
const PAUSE_MS = 100;
