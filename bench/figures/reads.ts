import { createServer } from '../../core/api/server.ts';
import { ServiceAccountTokens } from '../../core/auth/service-account-tokens.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import { systemEnv } from '../../core/env.ts';
import type { EventLog } from '../../core/log/log.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Replica } from '../../core/replica/replica.ts';

const GETS = 100;
const DEFAULT = '/api/v1/namespaces/default';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';

/** Consistent reads of the log for a GET with the token of a service account, on a replica that is not alone with its log, as when deployed. */
export async function reads(): Promise<Record<string, number>> {
  let count = 0;
  const log = counting(memoryLog(), () => count++);
  const replica = await Replica.open({ log, cluster: 'main', env: systemEnv });
  const { fetch } = createServer({
    replicaOf: async () => replica,
    defaultCluster: 'main',
    env: systemEnv,
    authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] } }),
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(1) }),
    problem: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const send = async (method: string, target: string, { token = 'admin', body }: { token?: string; body?: object } = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(new Request('https://localhost', { method, headers, ...(body && { body: JSON.stringify(body) }) }), { target });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  await send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } } });
  await send('POST', `${DEFAULT}/serviceaccounts`, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app' } } });
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'app' },
    rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] }],
  };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'app' };
  const binding = { apiVersion: role.apiVersion, kind: 'RoleBinding', metadata: { name: 'app' }, roleRef, subjects: [{ kind: 'ServiceAccount', name: 'app' }] };
  await send('POST', `${RBAC}/roles`, { body: role });
  await send('POST', `${RBAC}/rolebindings`, { body: binding });
  const { status } = (await send('POST', `${DEFAULT}/serviceaccounts/app/token`, { body: {} })) as { status: { token: string } };
  count = 0;
  for (let i = 0; i < GETS; i++) await send('GET', `${DEFAULT}/serviceaccounts/app`, { token: status.token });
  return { get_reads: count / GETS };
}

function counting(log: EventLog, read: () => void): EventLog {
  return {
    ...log,
    read(cluster, options) {
      read();
      return log.read(cluster, options);
    },
    lastEntry(cluster, options) {
      read();
      return log.lastEntry(cluster, options);
    },
  };
}
