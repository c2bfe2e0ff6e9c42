import type { WriteCall } from '../call.ts';
import type { Endpoint } from './endpoint.ts';

/** The URL of a cluster's API server, as clients call it; undefined, where this server does not know its own. */
export function serverOf({ api, connection, defaultCluster }: Pick<WriteCall, 'api' | 'connection' | 'defaultCluster'>, cluster: string): Partial<Endpoint> {
  const { base } = connection;
  const endpoint = api.endpoint?.() ?? (base === undefined ? undefined : { url: base });
  return endpoint ? { ...endpoint, url: cluster === defaultCluster ? endpoint.url : `${endpoint.url}/clusters/${cluster}` } : {};
}
