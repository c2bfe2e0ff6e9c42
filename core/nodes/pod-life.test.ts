import { describe, expect, it } from 'vitest';
import type { Pod } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, eventsOf, line, running, seen } from '../testing/node-agents.ts';

const sh = (script: string) => ({ command: ['sh', '-c', script], image: 'busybox:1.36' });

describe('the life of a pod', async () => {
  const cluster = await running([
    boundPod({ container: { ports: [{ containerPort: 80 }], volumeMounts: [{ name: 'token', mountPath: '/t', readOnly: true }] } }),
  ]);

  it('is Pending, then Running, in one go', () => {
    expect(seen(cluster).map(({ status }) => line(status))).toEqual(['Pending main=ContainerCreating', 'Running main=running+ready']);
    expect(cluster.nextWakeup).toBeUndefined();
  });

  it('begins with the status of a container that is being created', () => {
    const at = '2026-01-01T00:00:00Z';
    const unready = { status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [main]' };
    const common = { lastTransitionTime: at, observedGeneration: 1 };
    expect(seen(cluster)[0]!.status).toEqual({
      phase: 'Pending',
      qosClass: 'BestEffort',
      observedGeneration: 1,
      startTime: at,
      hostIP: '10.0.0.1',
      hostIPs: [{ ip: '10.0.0.1' }],
      conditions: [
        { type: 'PodReadyToStartContainers', status: 'False', ...common },
        { type: 'Initialized', status: 'True', ...common },
        { type: 'Ready', ...unready, ...common },
        { type: 'ContainersReady', ...unready, ...common },
        { type: 'PodScheduled', status: 'True', ...common },
      ],
      containerStatuses: [
        {
          name: 'main',
          state: { waiting: { reason: 'ContainerCreating' } },
          lastState: {},
          ready: false,
          started: false,
          restartCount: 0,
          image: 'nginx:1.27',
          imageID: '',
          volumeMounts: [{ name: 'token', mountPath: '/t', readOnly: true, recursiveReadOnly: 'Disabled' }],
        },
      ],
    });
  });

  it('has an address, an image and a container when it runs', () => {
    const { podIP, podIPs, containerStatuses, conditions } = cluster.pod('web')!.status!;
    expect({ podIP, podIPs }).toEqual({ podIP: '10.244.1.2', podIPs: [{ ip: '10.244.1.2' }] });
    expect(conditions!.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(containerStatuses![0]).toMatchObject({
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      started: true,
      image: 'docker.io/library/nginx:1.27',
      resources: {},
    });
    expect(containerStatuses![0]!.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(containerStatuses![0]!.imageID).toMatch(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
  });

  it('is told in Events about its container, by the kubelet of its node', () => {
    expect(eventLines(cluster)).toEqual([
      'Normal Pulling Pulling image "nginx:1.27"',
      'Normal Pulled Successfully pulled image "nginx:1.27" in 920ms (920ms including waiting). Image size: 72007297 bytes.',
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
    expect(eventsOf(cluster)[0]).toMatchObject({
      involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{main}' },
      source: { component: 'kubelet', host: 'node-1' },
    });
    expect(cluster.mutations.every(({ actor, cause }) => actor.username === 'system:node:node-1' && cause! > 0)).toBe(true);
  });

  it('is not looked at again for nothing', async () => {
    const before = cluster.mutations.length;
    cluster.restart();
    await cluster.settle();
    expect(cluster.mutations.length).toBe(before);
  });
});

describe('what a watch sees', () => {
  const table: { name: string; given: BoundPodOptions; seconds?: number; want: string[]; events?: string[] }[] = [
    {
      name: 'a task that succeeds',
      given: { restartPolicy: 'Never', container: sh('sleep 5') },
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Succeeded main=Completed(0)'],
    },
    {
      name: 'a task that fails',
      given: { restartPolicy: 'Never', container: sh('sleep 5; exit 3') },
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Failed main=Error(3)'],
    },
    {
      name: 'a task of a program that is not known',
      given: { restartPolicy: 'OnFailure', container: { image: 'example.com/sums', imagePullPolicy: 'Always' } },
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Succeeded main=Completed(0)'],
      events: [
        'Normal Pulling Pulling image "example.com/sums"',
        'Normal Pulled Successfully pulled image "example.com/sums" in 324ms (324ms including waiting). Image size: 12424034 bytes.',
        'Normal Created Container created',
        'Normal Started Container started',
      ],
    },
    {
      name: 'a container that crashes again and again',
      given: { container: sh('sleep 1; exit 1') },
      seconds: 40,
      want: [
        'Pending main=ContainerCreating',
        'Running main=running+ready',
        'Running main=running+ready x1',
        'Running main=CrashLoopBackOff x1',
        'Running main=running+ready x2',
        'Running main=CrashLoopBackOff x2',
        'Running main=running+ready x3',
        'Running main=CrashLoopBackOff x3',
      ],
    },
    {
      name: 'init containers, one after the other',
      given: {
        initContainers: [
          { name: 'first', ...sh('sleep 2') },
          { name: 'second', ...sh('exit 0') },
        ],
      },
      want: [
        'Pending first=PodInitializing second=PodInitializing main=PodInitializing',
        'Pending first=running second=PodInitializing main=PodInitializing',
        'Running first=Completed(0)+ready second=Completed(0)+ready main=running+ready',
      ],
    },
    {
      name: 'an init container that fails for good',
      given: { restartPolicy: 'Never', initContainers: [{ name: 'first', ...sh('exit 7') }] },
      want: ['Pending first=PodInitializing main=PodInitializing', 'Failed first=Error(7) main=PodInitializing'],
    },
    {
      name: 'an init container that is tried again',
      given: { initContainers: [{ name: 'first', ...sh('sleep 1; exit 7') }] },
      seconds: 4,
      want: [
        'Pending first=PodInitializing main=PodInitializing',
        'Pending first=running main=PodInitializing',
        'Pending first=running x1 main=PodInitializing',
        'Pending first=CrashLoopBackOff x1 main=PodInitializing',
      ],
    },
    {
      name: 'a sidecar beside a task',
      given: {
        restartPolicy: 'Never',
        initContainers: [{ name: 'proxy', image: 'envoy', restartPolicy: 'Always' }],
        container: sh('sleep 5'),
      },
      want: [
        'Pending proxy=PodInitializing main=PodInitializing',
        'Running proxy=running+ready main=running+ready',
        'Running proxy=running+ready main=Completed(0)',
        'Succeeded proxy=Completed(0) main=Completed(0)',
      ],
    },
    {
      name: 'a sidecar whose startup the others wait for',
      given: { initContainers: [{ name: 'proxy', image: 'envoy', restartPolicy: 'Always', startupProbe: { initialDelaySeconds: 3 } }] },
      want: [
        'Pending proxy=PodInitializing main=PodInitializing',
        'Pending proxy=running main=PodInitializing',
        'Running proxy=running+ready main=running+ready',
      ],
    },
    {
      name: 'readiness and startup probes',
      given: { container: { startupProbe: { initialDelaySeconds: 2 }, readinessProbe: { initialDelaySeconds: 5, periodSeconds: 4, successThreshold: 2 } } },
      seconds: 20,
      want: ['Pending main=ContainerCreating', 'Running main=running', 'Running main=running', 'Running main=running+ready'],
    },
    {
      name: 'a liveness probe that fails',
      given: { container: { image: 'nginx', livenessProbe: { exec: { command: ['false'] }, initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 2 } } },
      seconds: 10,
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Running main=running+ready x1'],
      events: [
        'Normal Pulling Pulling image "nginx"',
        'Normal Pulled Successfully pulled image "nginx" in 920ms (920ms including waiting). Image size: 72004786 bytes.',
        'Normal Created Container created',
        'Normal Started Container started',
        'Warning Unhealthy Liveness probe failed: ',
        'Normal Killing Container main failed liveness probe, will be restarted',
        'Normal Pulled Container image "nginx" already present on machine and can be accessed by the pod',
        'Normal Created Container created',
        'Normal Started Container started',
      ],
    },
    {
      name: 'a readiness probe that fails',
      given: { container: { readinessProbe: { exec: { command: ['sh', '-c', 'exit 1'] } } } },
      want: ['Pending main=ContainerCreating', 'Running main=running'],
    },
    {
      name: 'an image that cannot be had',
      given: { container: { image: 'registry.invalid/app:1' } },
      seconds: 9,
      want: ['Pending main=ContainerCreating', 'Pending main=ErrImagePull', 'Pending main=ImagePullBackOff'],
      events: [
        'Normal Pulling Pulling image "registry.invalid/app:1"',
        'Warning Failed Failed to pull image "registry.invalid/app:1": failed to pull and unpack image "registry.invalid/app:1": failed to resolve reference "registry.invalid/app:1": failed to do request: Head "https://registry.invalid/v2/app/manifests/1": dial tcp: lookup registry.invalid: no such host',
        'Warning Failed Error: ErrImagePull',
        'Normal BackOff Back-off pulling image "registry.invalid/app:1"',
        'Warning Failed Error: ImagePullBackOff',
      ],
    },
    {
      name: 'an image that must be there and is not',
      given: { container: { image: 'registry.invalid/app:1', imagePullPolicy: 'Never' } },
      want: ['Pending main=ContainerCreating', 'Pending main=ErrImageNeverPull'],
    },
    {
      name: 'a name that no image can have',
      given: { container: { image: 'Nginx:1:2' } },
      want: ['Pending main=ContainerCreating', 'Pending main=InvalidImageName'],
      events: [
        'Warning InspectFailed Failed to apply default image tag "Nginx:1:2": couldn\'t parse image name "Nginx:1:2": invalid reference format',
        'Warning Failed Error: InvalidImageName',
      ],
    },
    {
      name: 'a deadline that passes',
      given: { activeDeadlineSeconds: 7 },
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Failed DeadlineExceeded main=Completed(0)'],
    },
    {
      name: 'a container with rules of its own (KEP 5307)',
      given: {
        restartPolicy: 'Never',
        container: {
          ...sh('sleep 1; exit 42'),
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        },
      },
      seconds: 2,
      want: ['Pending main=ContainerCreating', 'Running main=running+ready', 'Running main=running+ready x1', 'Running main=CrashLoopBackOff x1'],
    },
  ];

  it.each(table)('$name', async ({ given, seconds = 30, want, events }) => {
    const cluster = await running([boundPod(given)], { seconds });
    expect(seen(cluster).map(({ status }) => line(status))).toEqual(want);
    if (events) expect(eventLines(cluster)).toEqual(events);
  });
});

describe('a crash', () => {
  it('is kept as the last state, with the back-off told', async () => {
    const { containerStatuses } = (await running([boundPod({ container: sh('sleep 1; exit 1') })], { seconds: 5 })).pod('web')!.status!;
    const { state, lastState, containerID } = containerStatuses![0]!;
    expect(state!.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=main pod=web_default(uid-web)',
    });
    expect(lastState!.terminated).toEqual({
      containerID,
      exitCode: 1,
      reason: 'Error',
      startedAt: '2026-01-01T00:00:01Z',
      finishedAt: '2026-01-01T00:00:02Z',
    });
  });

  it('makes the pauses grow to five minutes', async () => {
    const cluster = await running([boundPod({ container: sh('exit 1') })], { seconds: 1600 });
    const starts = seen(cluster).flatMap(({ status }) => (status as Pod['status'])?.containerStatuses?.[0]?.lastState?.terminated?.startedAt ?? []);
    expect([...new Set(starts)].map((time) => (Date.parse(time) - START) / 1000)).toEqual([0, 10, 30, 70, 150, 310, 610, 910, 1210, 1510]);
    // What is told each time is counted, so that a container that crashes for ever does not fill the log.
    const told = cluster.list('events').map(({ reason, count }) => `${reason} ${count}`);
    expect(told.sort()).toEqual(['BackOff 10', 'Created 1', 'Created 10', 'Pulled 1', 'Pulled 10', 'Pulling 1', 'Started 1', 'Started 10']);
  });

  it('begin anew after a run of more than ten minutes', async () => {
    // The fourth run, from 30 s on, is a long one: the next comes at once and ends, and those after it 10 s, 20 s and 40 s later.
    const script = 'echo >> /d/n; [ $(wc -l < /d/n) = 4 ] && sleep 700; exit 1';
    const bound = boundPod({ container: { ...sh(script), volumeMounts: [{ name: 'd', mountPath: '/d' }] } });
    const cluster = await running([{ ...bound, spec: { ...bound.spec!, volumes: [{ name: 'd', emptyDir: {} }] } }], { seconds: 840 });
    const starts = seen(cluster).flatMap(({ status }) => (status as Pod['status'])?.containerStatuses?.[0]?.lastState?.terminated?.startedAt ?? []);
    expect([...new Set(starts)].map((time) => (Date.parse(time) - START) / 1000)).toEqual([0, 10, 730, 740, 760, 800]);
  });

  it('do not come while each run is longer than they would be', async () => {
    // Killed for its probe each 30 s: the end of the run before is further back than 10 s and 20 s.
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 10, failureThreshold: 3, terminationGracePeriodSeconds: 1, initialDelaySeconds: 5 };
    const cluster = await running([boundPod({ container: { ...sh('trap "exit 0" TERM; sleep 1000 & wait'), livenessProbe } })], { seconds: 110 });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x4');
    expect(eventLines(cluster).filter((text) => text.includes('BackOff'))).toEqual([]);
    await cluster.runUntil(START + 135_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=CrashLoopBackOff x4');
    expect(cluster.pod('web')!.status!.containerStatuses![0]!.state!.waiting!.message).toMatch(/^back-off 40s restarting/);
  });

  it('of a container that ran for long is forgiven', async () => {
    const cluster = await running([boundPod({ container: sh('sleep 601; exit 1') })], { seconds: 3 * 601 });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x3');
  });
});

describe('a change of a running pod', () => {
  const changed = async (container: object) => {
    const cluster = await running([boundPod()]);
    const before = cluster.pod('web')!;
    const { spec, metadata } = before;
    await cluster.put({ ...before, metadata: { ...metadata, generation: 2 }, spec: { ...spec, containers: [{ ...spec!.containers[0]!, ...container }] } });
    await cluster.settle();
    return cluster;
  };

  it('of its image starts the container anew', async () => {
    const cluster = await changed({ image: 'nginx:1.28' });
    const { containerStatuses, observedGeneration } = cluster.pod('web')!.status!;
    expect(observedGeneration).toBe(2);
    expect(containerStatuses![0]).toMatchObject({ image: 'docker.io/library/nginx:1.28', restartCount: 1, lastState: { terminated: { exitCode: 0 } } });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x1');
    expect(eventLines(cluster)).toContain('Normal Killing Container main definition changed, will be restarted');
  });

  it('of its resources is done in place', async () => {
    const cluster = await changed({ resources: { requests: { cpu: '200m' } } });
    expect(cluster.pod('web')!.status!.containerStatuses![0]).toMatchObject({
      restartCount: 0,
      allocatedResources: { cpu: '200m' },
      resources: { requests: { cpu: '200m' } },
    });
  });

  it('of its resources is told of in conditions and Events', async () => {
    const cluster = await changed({ resources: { requests: { cpu: '200m' } } });
    const conditions = seen(cluster).map(({ status }) =>
      (status as Pod['status'])!.conditions!.flatMap(({ type }) => (type.startsWith('PodResize') ? [type] : [])).join(),
    );
    expect(conditions).toEqual(['', '', 'PodResizeInProgress', '']);
    const told = '{"containers":[{"name":"main","resources":{"requests":{"cpu":"200m"}}}],"generation":2}';
    expect(eventLines(cluster).slice(-2)).toEqual([`Normal ResizeStarted Pod resize started: ${told}`, `Normal ResizeCompleted Pod resize completed: ${told}`]);
  });

  it('of its resources restarts a container that asks for that', async () => {
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    const cluster = await changed({ resizePolicy, resources: { requests: { cpu: '200m' } } });
    expect(cluster.pod('web')!.status!.containerStatuses![0]).toMatchObject({ restartCount: 1, allocatedResources: { cpu: '200m' } });
    expect(eventLines(cluster)).toContain('Normal Killing Container main resize requires restart');
  });

  it('of its resources waits for room on its node', async () => {
    const cluster = await running([
      boundPod({ container: { resources: { requests: { cpu: '500m' } } } }),
      boundPod({ name: 'other', container: { resources: { requests: { cpu: '1' } } } }),
    ]);
    const before = cluster.pod('web')!;
    const spec = { ...before.spec!, containers: [{ ...before.spec!.containers[0]!, resources: { requests: { cpu: '1500m' } } }] };
    await cluster.put({ ...before, metadata: { ...before.metadata, generation: 2 }, spec });
    await cluster.settle();
    const pending = () => cluster.pod('web')!.status!.conditions!.find(({ type }) => type === 'PodResizePending');
    const message = "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 1930";
    expect(pending()).toMatchObject({ status: 'True', reason: 'Deferred', message, observedGeneration: 2 });
    expect(cluster.pod('web')!.status!.containerStatuses![0]).toMatchObject({ allocatedResources: { cpu: '500m' }, resources: { requests: { cpu: '500m' } } });
    expect(eventLines(cluster).filter((text) => text.startsWith('Warning ResizeDeferred')).length).toBe(1);
    await cluster.delete(boundPod({ name: 'other' }));
    await cluster.runUntil(START + 5_000);
    expect(pending()).toBeUndefined();
    expect(cluster.pod('web')!.status!.containerStatuses![0]).toMatchObject({
      allocatedResources: { cpu: '1500m' },
      resources: { requests: { cpu: '1500m' } },
    });
  });

  it('by an ephemeral container starts it, also while init containers run, and ends it with the pod', async () => {
    const bound = boundPod({ restartPolicy: 'Never', container: sh('sleep 10') });
    const debugger_ = { name: 'debugger', image: 'busybox', command: ['sh', '-c', 'sleep 1000'] };
    const pod = { ...bound, spec: { ...bound.spec!, terminationGracePeriodSeconds: 5, initContainers: [{ name: 'setup', ...sh('sleep 10') }] } };
    const cluster = await running([pod]);
    const before = cluster.pod('web')!;
    await cluster.put({ ...before, spec: { ...before.spec!, ephemeralContainers: [debugger_] } });
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe('Pending setup=running main=PodInitializing debugger=running');
    await cluster.runUntil(START + 22_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running setup=Completed(0)+ready main=Completed(0) debugger=running');
    await cluster.runUntil(START + 26_000);
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded setup=Completed(0)+ready main=Completed(0) debugger=Error(137)');
  });

  it('by an ephemeral container starts it', async () => {
    const cluster = await running([boundPod()]);
    const before = cluster.pod('web')!;
    await cluster.put({ ...before, spec: { ...before.spec!, ephemeralContainers: [{ name: 'debugger', image: 'busybox', stdin: true, tty: true }] } });
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready debugger=running');
  });
});
