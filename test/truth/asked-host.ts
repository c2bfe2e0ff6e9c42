import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';
import type { Asked } from './run-case.ts';

/** A host to ask: a cluster of three nodes in memory, with all its reconcilers. */
export async function askedHost(): Promise<{ asked: Asked; close: () => Promise<void>; problems: readonly unknown[] }> {
  const problems: unknown[] = [];
  const host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: secrets(undefined),
    nodes: 3,
    cluster: 'default',
    problem: (...all) => problems.push(all),
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' };
    return (await host.fetch(new Request('https://host.invalid', { headers, ...init }), { target: path })).json();
  };
  const { items } = (await ask('/api/v1/nodes')) as { items: { metadata: { name: string } }[] };
  const review = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: '{}' });
  const cluster = {
    nodes: items.map(({ metadata }) => metadata.name),
    me: (review as { status: { userInfo: { username: string } } }).status.userInfo.username,
  };
  return { asked: { fetch: host.fetch, token: host.token, cluster }, close: () => host.close(), problems };
}
