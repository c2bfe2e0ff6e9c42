import { describe, expect, it } from 'vitest';
import type { ContainerState, ContainerStatus, Pod, PodSpec, PodStatus } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, texts } from '../../testing/strategies.ts';
import { strategy } from './pod.ts';
import { qosClass } from './pod-qos.ts';

const NOW = Date.parse('2024-01-01T01:00:00Z');

const pod = (spec: Partial<PodSpec> = {}, status?: PodStatus): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', creationTimestamp: '2024-01-01T00:55:00Z' },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...spec },
  ...(status && { status }),
});
function created(given: Pod): Pod {
  const copy = defaulted(strategy, given);
  strategy.prepareForCreate!(copy, context(stateOf([])));
  return copy;
}

describe('a new pod', () => {
  it('is pending', () => {
    const { spec, status } = created(pod());
    expect(spec!.enableServiceLinks).toBe(true);
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(texts(strategy.validate!(created(pod())))).toEqual([]);
  });

  it('asks for its limits where it does not ask for less', () => {
    const { resources } = defaulted(
      strategy,
      pod({ containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } }] }),
    ).spec!.containers[0]!;
    expect(resources!.requests).toEqual({ cpu: '500m', memory: '1Gi' });
  });

  it('opens the ports of the host that its containers listen on', () => {
    const spec = defaulted(strategy, pod({ hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] })).spec!;
    expect(spec.containers[0]!.ports![0]!.hostPort).toBe(80);
  });

  it('says why it waits when it is gated', () => {
    expect(created(pod({ schedulingGates: [{ name: 'a/b' }] })).status!.conditions).toEqual([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
    ]);
  });
});

describe('quality of service', () => {
  const withResources = (...resources: object[]): PodSpec => ({ containers: resources.map((r, i) => ({ name: `c${i}`, resources: r })) });
  const full = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } };
  it.each([
    { name: 'nothing asked for', given: withResources({}), want: 'BestEffort' },
    { name: 'only other things asked for', given: withResources({ requests: { 'ephemeral-storage': '1Gi' } }), want: 'BestEffort' },
    { name: 'limits equal to requests, however written', given: withResources(full), want: 'Guaranteed' },
    { name: 'one of two', given: withResources(full, {}), want: 'Burstable' },
    { name: 'requests only', given: withResources({ requests: { cpu: '1' } }), want: 'Burstable' },
    { name: 'no memory limit', given: withResources({ limits: { cpu: '1' }, requests: { cpu: '1' } }), want: 'Burstable' },
  ])('$name', ({ given, want }) => expect(qosClass(given)).toBe(want));
});

describe('an update', () => {
  const before = created(pod({ tolerations: [{ key: 'lost', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }] }));
  const change = (spec: Partial<PodSpec>): Pod => ({ ...before, spec: { ...before.spec!, ...spec } });
  const image = (image: string) => ({ containers: before.spec!.containers.map((c) => ({ ...c, image })) });
  const only = /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/;

  it.each([
    { name: 'a new image', given: change(image('nginx:2')), want: [] },
    { name: 'a deadline', given: change({ activeDeadlineSeconds: 5 }), want: [] },
    { name: 'one more toleration', given: change({ tolerations: [...before.spec!.tolerations!, { key: 'a', operator: 'Exists' }] }), want: [] },
    { name: 'its node, which only a binding gives', given: change({ nodeName: 'n' }), want: [expect.stringMatching(only)] },
    {
      name: 'an ephemeral container, which has a subresource',
      given: change({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
      want: [expect.stringMatching(only)],
    },
    {
      name: 'one toleration less',
      given: change({ tolerations: [] }),
      want: ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    },
    { name: 'another container', given: change({ containers: [] }), want: ['spec.containers: Forbidden: pod updates may not add or remove containers'] },
    { name: 'anything else', given: change({ hostname: 'h' }), want: [expect.stringMatching(only)] },
  ])('$name', ({ given, want }) => expect(texts(strategy.validateUpdate!(given, before))).toEqual(want));

  it('shows what differs', () => {
    const [text] = texts(strategy.validateUpdate!(change({ hostname: 'h' }), before));
    expect(text).toContain('\n- "Hostname": "",\n+ "Hostname": "h",\n');
    expect(text).not.toContain('"Containers"');
  });

  it('makes the selection of a gated pod narrower, and not wider', () => {
    const gated = (nodeSelector: Record<string, string>) => change({ schedulingGates: [{ name: 'g' }], nodeSelector });
    expect(texts(strategy.validateUpdate!(gated({ a: '1', b: '2' }), gated({ a: '1' })))).toEqual([]);
    expect(texts(strategy.validateUpdate!(gated({ b: '2' }), gated({ a: '1' })))).toEqual([
      'spec.nodeSelector: Invalid value: {"b":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
  });

  it('checks addresses that a kubelet tells', () => {
    const told = (...ips: string[]) => texts(strategy.validateStatusUpdate!(pod({}, { podIPs: ips.map((ip) => ({ ip })) }), pod({})));
    expect(told('10.0.0.1', 'fd00::1')).toEqual([]);
    expect(told('x')).toEqual(['status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']);
    expect(told('10.0.0.1', '10.0.0.2')).toEqual([
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ]);
  });

  it('leaves a bound pod on its node', () => {
    expect(texts(strategy.validateUpdate!(change({ nodeName: 'm' }), change({ nodeName: 'n' })))).toEqual([expect.stringMatching(only)]);
  });

  it('brings no ended container back', () => {
    const ended = pod({ restartPolicy: 'Never' }, { containerStatuses: [status({ terminated: { exitCode: 0 } })] });
    const running = pod({ restartPolicy: 'Never' }, { containerStatuses: [status({ running: {} })] });
    expect(texts(strategy.validateStatusUpdate!(running, ended))).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ]);
    const always = { restartPolicy: 'Always' };
    expect(texts(strategy.validateStatusUpdate!(pod(always, running.status), pod(always, ended.status)))).toEqual([]);
  });
});

describe('how long a deletion takes', () => {
  it.each([
    { name: 'not on a node', given: pod({ terminationGracePeriodSeconds: 30 }), requested: undefined, want: 0 },
    { name: 'running', given: pod({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), requested: undefined, want: 30 },
    { name: 'running, now', given: pod({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), requested: 0, want: 0 },
    { name: 'finished', given: pod({ nodeName: 'n', terminationGracePeriodSeconds: 30 }, { phase: 'Succeeded' }), requested: undefined, want: 0 },
    { name: 'less than nothing', given: pod({ nodeName: 'n' }), requested: -1, want: 1 },
  ])('$name', ({ given, requested, want }) => expect(strategy.gracePeriodSeconds!(given, requested)).toBe(want));
});

const status = (state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'c',
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});

describe('kubectl get pods', () => {
  const init = { initContainers: [{ name: 'i' }, { name: 'j' }] };
  const sidecar = { initContainers: [{ name: 's', restartPolicy: 'Always' }] };
  const gone = (given: Pod): Pod => ({ ...given, metadata: { ...given.metadata, deletionTimestamp: '2024-01-01T00:59:00Z' } });
  const crashed = { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2024-01-01T00:58:00Z' } } };

  it.each([
    { given: pod({}, { phase: 'Pending' }), ready: '0/1', word: 'Pending', restarts: '0' },
    {
      given: pod({}, { phase: 'Pending', containerStatuses: [status({ waiting: { reason: 'ContainerCreating' } })] }),
      ready: '0/1',
      word: 'ContainerCreating',
      restarts: '0',
    },
    { given: pod({}, { phase: 'Running', containerStatuses: [status({ running: {} }, { ready: true })] }), ready: '1/1', word: 'Running', restarts: '0' },
    { given: pod({}, { phase: 'Running', containerStatuses: [status({ running: {} })] }), ready: '0/1', word: 'Running', restarts: '0' },
    {
      given: pod({}, { phase: 'Running', containerStatuses: [status({ waiting: { reason: 'CrashLoopBackOff' } }, crashed)] }),
      ready: '0/1',
      word: 'CrashLoopBackOff',
      restarts: '3 (2m ago)',
    },
    {
      given: pod({}, { phase: 'Succeeded', containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } })] }),
      ready: '0/1',
      word: 'Completed',
      restarts: '0',
    },
    {
      given: pod({}, { phase: 'Failed', containerStatuses: [status({ terminated: { exitCode: 137, signal: 9 } })] }),
      ready: '0/1',
      word: 'Signal:9',
      restarts: '0',
    },
    { given: pod({}, { phase: 'Failed', reason: 'Evicted' }), ready: '0/1', word: 'Evicted', restarts: '0' },
    { given: pod(init, { phase: 'Pending', initContainerStatuses: [status({ running: {} }, { name: 'i' })] }), ready: '0/1', word: 'Init:0/2', restarts: '0' },
    {
      given: pod(init, {
        phase: 'Pending',
        initContainerStatuses: [
          status({ terminated: { exitCode: 0 } }, { name: 'i' }),
          status({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'j', ...crashed }),
        ],
      }),
      ready: '0/1',
      word: 'Init:CrashLoopBackOff',
      restarts: '3 (2m ago)',
    },
    {
      given: pod(init, { phase: 'Pending', initContainerStatuses: [status({ terminated: { exitCode: 2 } }, { name: 'i' })] }),
      ready: '0/1',
      word: 'Init:ExitCode:2',
      restarts: '0',
    },
    {
      given: pod(sidecar, {
        phase: 'Running',
        initContainerStatuses: [status({ running: {} }, { name: 's', started: true, ready: true })],
        containerStatuses: [status({ running: {} }, { ready: true })],
      }),
      ready: '2/2',
      word: 'Running',
      restarts: '0',
    },
    {
      given: gone(pod({}, { phase: 'Running', containerStatuses: [status({ running: {} }, { ready: true })] })),
      ready: '1/1',
      word: 'Terminating',
      restarts: '0',
    },
    { given: gone(pod({}, { phase: 'Failed', reason: 'Error' })), ready: '0/1', word: 'Error', restarts: '0' },
    {
      given: pod({}, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      ready: '0/1',
      word: 'SchedulingGated',
      restarts: '0',
    },
  ])('$ready $word $restarts', ({ given, ready, word, restarts }) => {
    expect(['Ready', 'Status', 'Restarts', 'Age'].map((name) => cell(strategy, given, name, NOW))).toEqual([ready, word, restarts, '5m']);
  });

  it('shows with -o wide where it is', () => {
    const bound = pod(
      { nodeName: 'n', readinessGates: [{ conditionType: 'a/b' }] },
      { podIPs: [{ ip: '10.0.0.1' }], conditions: [{ type: 'a/b', status: 'True' }] },
    );
    const wide = ['IP', 'Node', 'Nominated Node', 'Readiness Gates'];
    expect(wide.map((name) => cell(strategy, bound, name, NOW))).toEqual(['10.0.0.1', 'n', '<none>', '1/1']);
    expect(wide.map((name) => cell(strategy, pod(), name, NOW))).toEqual(['<none>', '<none>', '<none>', '<none>']);
  });
});
