import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { type Cluster, startCluster } from './cluster.ts';

/** An hour takes a minute here: what a zone that is lost looks like to who types kubectl. */
describe.skipIf(!binaries(35))('a cluster that loses a zone (kubectl runs on Linux, x64)', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ args: ['--profile', 'eks', '--nodes', '6', '--clock-rate', '60'] });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const kubectl = async (line: string) => (await cluster.run(`kubectl ${line}`)).text;
  const counted = async (line: string) => {
    const counts = Map.groupBy((await kubectl(line)).split('\n').filter(Boolean), (state) => state);
    return Object.fromEntries([...counts].map(([state, { length }]) => [state, length]));
  };
  /** How many pods are in which state, as `kubectl get pods` prints them. */
  const pods = () => counted("get pods -l app=web --no-headers | awk '{print $2, $3}'");
  const nodes = () => counted("get nodes --no-headers | awk '{print $2}'");
  const eventually = (holds: () => Promise<void>) => vi.waitFor(holds, { timeout: PATIENCE_MS, interval: 200 });
  const zone = '-l topology.kubernetes.io/zone=eu-west-1a';

  it('has its pods elsewhere after five minutes, and the old ones in Terminating until the zone is back', async () => {
    await kubectl('create deployment web --image=nginx --replicas=6');
    expect(await kubectl('rollout status deployment web')).toContain('successfully rolled out');
    expect([await nodes(), await pods()]).toEqual([{ Ready: 6 }, { '1/1 Running': 6 }]);
    const there = Number(
      (await kubectl(`get pods -l app=web -o custom-columns=N:.spec.nodeName --no-headers | grep -cE 'ip-192-168-(96|97)-' || true`)).trim(),
    );
    expect(there).toBeGreaterThan(0);

    await kubectl(`annotate nodes ${zone} logplane.dev/lost=true`);
    await eventually(async () => expect(await nodes()).toEqual({ Ready: 4, NotReady: 2 }));
    expect(await kubectl(`get nodes ${zone} -o jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].message}'`)).toBe(
      'Kubelet stopped posting node status. Kubelet stopped posting node status.',
    );
    expect(await kubectl('get events --field-selector reason=NodeNotReady,type=Normal -o custom-columns=M:.message --no-headers')).toContain(
      'status is now: NodeNotReady',
    );

    await eventually(async () => expect(await pods()).toEqual({ '1/1 Running': 6, '1/1 Terminating': there }));
    expect(await kubectl('get deployment web --no-headers')).toMatch(/^web +6\/6 /);

    await kubectl(`annotate nodes ${zone} logplane.dev/lost-`);
    await eventually(async () => expect([await nodes(), await pods()]).toEqual([{ Ready: 6 }, { '1/1 Running': 6 }]));
    expect(await kubectl(`get nodes ${zone} -o jsonpath='{.items[*].spec.taints}'`)).toBe('');
  });
});
