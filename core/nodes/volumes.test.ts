import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { ConfigMap, PersistentVolumeClaim, Secret } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, eventsOf, line, running } from '../testing/node-agents.ts';

describe('what a pod waits for', () => {
  const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data,
  });
  const secret = (name: string): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, data: { key: 'eA==' } });
  const claim = (phase: string): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { ...(phase === 'Bound' && { volumeName: 'pv-1' }) },
    status: { phase },
  });
  const mounted = (volume: object): BoundPodOptions => ({
    volumes: [{ name: 'v', ...volume }],
    container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
  });
  const creating = 'Pending main=ContainerCreating';
  const table: { name: string; given: BoundPodOptions; event: string; comes: KubeObject; meanwhile?: string }[] = [
    {
      name: 'a ConfigMap to mount',
      given: mounted({ configMap: { name: 'app' } }),
      event: 'Warning FailedMount MountVolume.SetUp failed for volume "v" : configmap "app" not found',
      comes: configMap('app'),
    },
    {
      name: 'a Secret to mount',
      given: mounted({ secret: { secretName: 'tls' } }),
      event: 'Warning FailedMount MountVolume.SetUp failed for volume "v" : secret "tls" not found',
      comes: secret('tls'),
    },
    {
      name: 'a source of a projected volume',
      given: mounted({ projected: { sources: [{ downwardAPI: {} }, { configMap: { name: 'kube-root-ca.crt' } }] } }),
      event: 'Warning FailedMount MountVolume.SetUp failed for volume "v" : configmap "kube-root-ca.crt" not found',
      comes: configMap('kube-root-ca.crt'),
    },
    {
      name: 'a claim to be bound',
      given: mounted({ persistentVolumeClaim: { claimName: 'data' } }),
      event:
        'Warning FailedMount Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found',
      comes: claim('Bound'),
    },
    {
      name: 'a claim of devices',
      given: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] },
      event:
        'Warning FailedPrepareDynamicResources Failed to prepare dynamic resources: prepare dynamic resources: fetch ResourceClaim c: resourceclaims.resource.k8s.io "c" not found',
      comes: {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceClaim',
        metadata: { name: 'c', namespace: 'default' },
        spec: {},
        status: { reservedFor: [{ resource: 'pods', name: 'web', uid: 'uid-web' }] },
      } as KubeObject,
    },
    {
      name: 'a key of a ConfigMap for a variable',
      given: { container: { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'app', key: 'x' } } }] } },
      event: 'Warning Failed Error: configmap "app" not found',
      comes: configMap('app', { x: '1' }),
      meanwhile: 'Pending main=CreateContainerConfigError',
    },
    {
      name: 'a Secret for variables',
      given: { container: { envFrom: [{ secretRef: { name: 'db' } }] } },
      event: 'Warning Failed Error: secret "db" not found',
      comes: secret('db'),
      meanwhile: 'Pending main=CreateContainerConfigError',
    },
  ];
  it.each(table)('$name', async ({ given, event, comes, meanwhile = creating }) => {
    const cluster = await running([boundPod(given)], { seconds: 60 });
    expect(line(cluster.pod('web')!.status)).toBe(meanwhile);
    expect(eventLines(cluster)).toContain(event);
    const events = eventsOf(cluster).length;
    await cluster.put(configMap('another'));
    await cluster.settle();
    expect(eventsOf(cluster).length).toBe(events);
    await cluster.put(comes);
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
  });

  it('is tried again and again, of which one Event tells, until it is there', async () => {
    const cluster = await running([boundPod(mounted({ configMap: { name: 'app' } }))], { seconds: 60 });
    const failures = () => cluster.list('events').filter(({ reason }) => reason === 'FailedMount');
    // 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    expect(failures()).toMatchObject([{ count: 7, lastTimestamp: new Date(START + 31_000).toISOString().replace('.000', '') }]);
    await cluster.runUntil(START + 600_000);
    // 63.5 and 127.5 s, and every 122 s then.
    expect(failures()).toMatchObject([{ count: 12 }]);
    await cluster.put(configMap('app'));
    await cluster.runUntil(START + 700_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
    const { offset } = cluster.state;
    await cluster.runUntil(START + 3_600_000);
    expect([failures()[0]!.count, cluster.state.offset]).toEqual([12, offset]);
  });

  it('is nothing when it is optional, or mounted by no container', async () => {
    const volumes = [
      { name: 'optional', configMap: { name: 'x', optional: true } },
      { name: 'unused', configMap: { name: 'x' } },
    ];
    const container = { volumeMounts: [{ name: 'optional', mountPath: '/o' }], envFrom: [{ configMapRef: { name: 'x', optional: true } }] };
    expect(line((await running([boundPod({ volumes, container })])).pod('web')!.status)).toBe('Running main=running+ready');
  });

  it('may be a claim that is not bound yet', async () => {
    const cluster = await running([boundPod(mounted({ persistentVolumeClaim: { claimName: 'data' } })), claim('Pending')]);
    expect(eventLines(cluster)[0]).toMatch(/PVC is not bound$/);
    await cluster.put(claim('Bound'));
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
  });

  it('may be a readiness gate', async () => {
    const cluster = await running([boundPod({ readinessGates: [{ conditionType: 'lb/ok' }] })]);
    const ready = () => cluster.pod('web')!.status!.conditions!.find(({ type }) => type === 'Ready');
    expect(ready()).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "lb/ok" does not exist.',
    });
    const now = cluster.pod('web')!;
    await cluster.put({ ...now, status: { ...now.status, conditions: [...now.status!.conditions!, { type: 'lb/ok', status: 'True' }] } });
    await cluster.settle();
    expect(ready()).toMatchObject({ status: 'True' });
    expect(cluster.pod('web')!.status!.conditions![0]).toEqual({ type: 'lb/ok', status: 'True' });
  });
});
