import { describe, expect, it } from 'vitest';
import type { Probe } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { boundPod, line, running } from '../testing/node-agents.ts';
import { pod } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import { environmentOf } from './environment.ts';

const many = (text: string, count: number) => text.repeat(count);
const MOST_SECONDS = 2 ** 31 - 1;

describe('what a pod may ask of its node is bounded', () => {
  it('variables that are made of each other have the length that a program may be given, or are not known', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => ({ name: `V${i}`, value: i === 0 ? many('x', 1000) : many(`$(V${i - 1})`, 2) }));
    const copies = Array.from({ length: 500 }, (_, i) => ({ name: `C${i}`, value: '$(V6)' }));
    const web = pod('web', { container: { env: [...doubling, ...copies] } });
    const environment = environmentOf(web, web.spec!.containers[0]!, { state: stateOf([]), node: undefined, file: () => ({ type: 'missing' }) });
    const lengths = [...environment.values()].map((value) => value?.length ?? 0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(128 * 1024);
    expect(lengths.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(3 * 1024 * 1024);
    expect(environment.get('V6')).toHaveLength(64_000);
    expect([environment.has('V8'), environment.get('V8')]).toEqual([true, undefined]);
  });

  it('init containers that ask for Services and share a volume are each run once', async () => {
    const shared = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
    const initContainers = Array.from({ length: 24 }, (_, i) => ({
      name: `i${i}`,
      image: 'busybox',
      command: ['sh', '-c', 'nslookup somewhere; touch /shared/$HOSTNAME'],
      ...shared,
    }));
    const web = boundPod({ initContainers, container: { image: 'busybox', command: ['sh', '-c', '[ -f /shared/web ] && sleep 1h'], ...shared } });
    web.spec!.volumes = [{ name: 'shared', emptyDir: {} }];
    const cluster = await running([web], { seconds: 5 });
    expect(line(cluster.pod('web')!.status)).toMatch(/^Running .*main=running\+ready$/);
  });

  it('containers that take a variable from a file that each of the others may write have what was written before them', async () => {
    const taking = (name: string) => ({
      name,
      image: 'busybox',
      env: [{ name: 'X', valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'env', key: 'X' } } }],
      command: ['sh', '-c', `echo "X='$X-${name}'" > /shared/env`],
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    });
    const first = { ...taking('first'), env: [], command: ['sh', '-c', `echo "X='first'" > /shared/env`] };
    const others = Array.from({ length: 12 }, (_, i) => taking(`i${i}`));
    const main = (name: string) => ({ ...taking(name), command: ['sh', '-c', 'echo "$X" > /shared/said; echo -n "$X" > /dev/termination-log; exit 1'] });
    const web = boundPod({ initContainers: [first, ...others], container: main('main') });
    web.spec = {
      ...web.spec!,
      restartPolicy: 'Never',
      containers: [...web.spec!.containers, main('beside'), main('last')],
      volumes: [{ name: 'shared', emptyDir: {} }],
    };
    const cluster = await running([web], { seconds: 20 });
    const said = cluster.pod('web')!.status!.containerStatuses!.map(({ state }) => state?.terminated?.message);
    expect(said).toEqual(Array(3).fill(['first', ...others.map(({ name }) => name)].join('-')));
  });

  it.each<{ name: string; container: object; spec?: object }>([
    { name: 'a delay', container: { readinessProbe: { httpGet: { port: 81 }, initialDelaySeconds: MOST_SECONDS, periodSeconds: MOST_SECONDS } } },
    {
      name: 'a threshold',
      container: { livenessProbe: { exec: { command: ['false'] }, periodSeconds: MOST_SECONDS, failureThreshold: MOST_SECONDS } satisfies Probe },
    },
    { name: 'a deadline', container: {}, spec: { activeDeadlineSeconds: MOST_SECONDS } },
    {
      name: 'a grace period',
      container: { command: ['sleep', '99999999d'], lifecycle: { preStop: { sleep: { seconds: Number.MAX_SAFE_INTEGER - 1 } } } },
      spec: { terminationGracePeriodSeconds: Number.MAX_SAFE_INTEGER },
    },
  ])('$name that no clock sees the end of is waited for', async ({ container, spec }) => {
    const web = boundPod({ container });
    Object.assign(web.spec!, spec);
    const cluster = await running([web], { seconds: 60 });
    await cluster.delete(web);
    await cluster.runUntil(START + 120_000);
    expect(['Running', undefined]).toContain(cluster.pod('web')?.status?.phase);
  });
});
