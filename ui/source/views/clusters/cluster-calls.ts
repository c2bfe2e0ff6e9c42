import { call } from '../../api/client.ts';
import { CLUSTERS, ROOT } from './cluster-object.ts';

const query = { fieldManager: 'logplane-page', fieldValidation: 'Strict' };

export async function createCluster(name: string, spec: object): Promise<void> {
  await call({ cluster: ROOT }, CLUSTERS, { method: 'POST', query, body: { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec } });
}

export async function patchCluster(name: string, spec: object): Promise<void> {
  await call({ cluster: ROOT }, `${CLUSTERS}/${encodeURIComponent(name)}`, { method: 'PATCH', query, type: 'application/merge-patch+json', body: { spec } });
}

export async function deleteCluster(name: string): Promise<void> {
  await call({ cluster: ROOT }, `${CLUSTERS}/${encodeURIComponent(name)}`, { method: 'DELETE' });
}
