import type { KubeObject } from '../../core/kube/object.ts';
import type { TestServer } from '../../core/testing/server.ts';
import type { Chance } from '../simulation/chance.ts';

export const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

/** A write of some ConfigMap: it is made, changed (into a selector and out of it, too), or deleted. */
export async function randomWrite(server: TestServer, chance: Chance): Promise<void> {
  const name = `c${chance.whole(0, 25)}`;
  const metadata = { name, labels: { side: chance.pick(['left', 'right']) } };
  const data = { n: String(chance.whole(0, 3)) };
  switch (chance.weighted({ create: 4, merge: 3, delete: 2 })) {
    case 'create':
      await server.request(`POST ${CONFIGMAPS}`, { body: { metadata, data } });
      break;
    case 'merge':
      await server.request(`PATCH ${CONFIGMAPS}/${name}`, { body: { metadata, data }, type: 'application/merge-patch+json' });
      break;
    case 'delete':
      await server.request(`DELETE ${CONFIGMAPS}/${name}`);
  }
}

export interface Listed {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[];
}

export async function listed(server: TestServer, query: string): Promise<Listed> {
  const { code, json } = await server.request(`GET ${CONFIGMAPS}?${query}`);
  if (code !== 200) throw new Error(`a list is answered ${code}`);
  return json as Listed;
}

export const SELECTORS = ['', 'labelSelector=side%3Dleft', 'labelSelector=side%21%3Dleft', 'fieldSelector=metadata.name%3Dc7'];

/** By their names; what they are is said by their versions. */
export const byName = (objects: Iterable<KubeObject>): Map<string, KubeObject> => new Map([...objects].map((object) => [object.metadata.name, object]));
