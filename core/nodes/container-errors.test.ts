import { describe, expect, it } from 'vitest';
import type { ConfigMap, Pod, Service } from '../schema/generated/kinds.ts';
import type { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, line, running } from '../testing/node-agents.ts';

const sh = (script: string) => ({ command: ['sh', '-c', script], image: 'busybox:1.37' });
const stateOf = (cluster: Cluster) => cluster.pod('web')!.status!.containerStatuses![0]!;

describe('a container that cannot be configured', () => {
  const whose = '(pod: "web_default(uid-web)", container: main)';
  const mounted = (mount: object, more: object = {}): BoundPodOptions => ({
    volumes: [{ name: 'v', emptyDir: {} }],
    container: { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }], ...more },
  });
  const table: { name: string; given: BoundPodOptions; message: string }[] = [
    {
      name: 'may not be root',
      given: { container: { securityContext: { runAsNonRoot: true } } },
      message: `container has runAsNonRoot and image will run as root ${whose}`,
    },
    {
      name: 'is told to be root',
      given: { securityContext: { runAsNonRoot: true, runAsUser: 0 } },
      message: `container's runAsUser breaks non-root policy ${whose}`,
    },
    {
      name: 'has a user by name',
      given: { container: { image: 'jetty', securityContext: { runAsNonRoot: true } } },
      message: `container has runAsNonRoot and image has non-numeric user (jetty), cannot verify user is non-root ${whose}`,
    },
    {
      name: 'has a path that goes up',
      given: mounted({ subPathExpr: '$(X)' }, { env: [{ name: 'X', value: '..' }] }),
      message: "unable to provision SubPath `..`: must not contain '..'",
    },
    {
      name: 'has a path from the root',
      given: mounted({ subPathExpr: '$(X)' }, { env: [{ name: 'X', value: '/tmp' }] }),
      message: 'error SubPath `/tmp` must not be an absolute path',
    },
    { name: 'has a path of nothing', given: mounted({ subPathExpr: '$(B)$(A)' }), message: 'missing value for A, B' },
  ];
  it.each(table)('$name', async ({ given, message }) => {
    const cluster = await running([boundPod(given)], { seconds: 60 });
    expect(line(cluster.pod('web')!.status)).toBe('Pending main=CreateContainerConfigError');
    expect(stateOf(cluster).state!.waiting!.message).toBe(message);
    expect(eventLines(cluster).at(-1)).toBe(`Warning Failed Error: ${message}`);
  });

  it('runs when its image, or what is said of it, is not root', async () => {
    for (const container of [{ image: 'nginxinc/nginx-unprivileged' }, { securityContext: { runAsUser: 1000 } }, { image: 'example.com/app' }]) {
      expect(line((await running([boundPod({ securityContext: { runAsNonRoot: true }, container })])).pod('web')!.status)).toBe('Running main=running+ready');
    }
  });

  it('has paths of the pod’s fields', async () => {
    const given = mounted({ subPathExpr: '$(NAME)' }, { env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] });
    expect(line((await running([boundPod(given)])).pod('web')!.status)).toBe('Running main=running+ready');
  });
});

describe('a program that is not there', () => {
  const failure = (why: string) =>
    `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${why}`;

  it('is told of, tried again, and backed off from', async () => {
    const cluster = await running([boundPod({ container: { command: ['nosuchcommand'] } })]);
    const message = failure('"nosuchcommand": executable file not found in $PATH');
    expect(line(cluster.pod('web')!.status)).toBe('Running main=RunContainerError');
    expect(stateOf(cluster).state!.waiting!.message).toBe(message);
    expect(stateOf(cluster).lastState!.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message,
      startedAt: '1970-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:00Z',
    });
    expect(eventLines(cluster).slice(-2)).toEqual(['Normal Created Container created', `Warning Failed Error: ${message}`]);
    await cluster.runUntil(START + 5_000);
    expect(line(cluster.pod('web')!.status)).toMatch(/main=CrashLoopBackOff x1$/);
    await cluster.runUntil(START + 11_000);
    expect(line(cluster.pod('web')!.status)).toMatch(/main=RunContainerError x2$/);
  });

  it('is the end of a pod that does not restart', async () => {
    const cluster = await running([
      boundPod({ restartPolicy: 'Never', container: { image: 'registry.k8s.io/pause:3.10', command: ['/bin/sh', '-c', 'exit 0'] } }),
    ]);
    expect(line(cluster.pod('web')!.status)).toBe('Failed main=StartError(128)');
    expect(stateOf(cluster).state!.terminated!.message).toBe(failure('"/bin/sh": stat /bin/sh: no such file or directory'));
  });
});

describe('the termination message', () => {
  const ended = async (container: object) => stateOf(await running([boundPod({ restartPolicy: 'Never', container })], { seconds: 5 })).state!.terminated!;
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };
  const table: { name: string; container: object; want: string | undefined }[] = [
    { name: 'is what is written', container: sh('printf DONE > /dev/termination-log'), want: 'DONE' },
    { name: 'is read from another file', container: { ...sh('echo -n DONE > /dev/custom; exit 1'), terminationMessagePath: '/dev/custom' }, want: 'DONE' },
    { name: 'is nothing where nothing is written', container: sh('echo DONE; exit 1'), want: undefined },
    { name: 'is the log’s end where it failed', container: { ...sh('echo one; echo two; exit 1'), ...fallback }, want: 'one\ntwo\n' },
    { name: 'is not the log where it succeeded', container: { ...sh('echo DONE'), ...fallback }, want: undefined },
    { name: 'is the file before the log', container: { ...sh('echo log; echo -n file > /dev/termination-log; exit 1'), ...fallback }, want: 'file' },
    {
      name: 'is 4096 bytes at most',
      container: sh('for i in $(seq 2000); do echo xxxx; done > /dev/termination-log'),
      want: 'xxxx\n'.repeat(2000).slice(-4096),
    },
  ];
  it.each(table)('$name', async ({ container, want }) => expect((await ended(container)).message).toBe(want));
});

describe('scripts that look around', () => {
  const service = (name: string): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }] } });

  it('wait for Services, as the documentation’s init containers do', async () => {
    const until = (name: string) =>
      sh(`until nslookup ${name}.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; do echo waiting for ${name}; sleep 2; done`);
    const initContainers = ['myservice', 'mydb'].map((name) => ({ name, ...until(name) }));
    const cluster = await running([boundPod({ initContainers })], { seconds: 60 });
    expect(line(cluster.pod('web')!.status)).toBe('Pending myservice=running mydb=PodInitializing main=PodInitializing');
    await cluster.put(service('myservice'));
    await cluster.runUntil(START + 63_000);
    expect(line(cluster.pod('web')!.status)).toBe('Pending myservice=Completed(0)+ready mydb=running main=PodInitializing');
    await cluster.put(service('mydb'));
    await cluster.runUntil(START + 66_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running myservice=Completed(0)+ready mydb=Completed(0)+ready main=running+ready');
  });

  it('see their variables, of fields and of ConfigMaps', async () => {
    const settings: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { code: '4' } };
    const env = [
      { name: 'INDEX', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } } },
      { name: 'CODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'code' } } },
    ];
    const given = (index: string): Pod =>
      boundPod({
        name: `p-${index}`,
        restartPolicy: 'Never',
        metadata: { annotations: { 'batch.kubernetes.io/job-completion-index': index } },
        container: { ...sh('if [ $(expr $INDEX % 2) -ne 0 ]; then exit $CODE; fi'), env },
      });
    const cluster = await running([settings, given('2'), given('3')], { seconds: 2 });
    expect([line(cluster.pod('p-2')!.status), line(cluster.pod('p-3')!.status)]).toEqual(['Succeeded main=Completed(0)', 'Failed main=Error(4)']);
  });

  it('find what they have written in a volume when they start again, and what init containers have', async () => {
    const volumes = [{ name: 'data', emptyDir: {} }];
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const script = '[ -f /data/from-init ] || exit 9; if [[ -r /data/foo ]] ; then exit 0 ; else touch /data/foo ; exit 1 ; fi';
    const initContainers = [{ name: 'init', ...sh('echo x > /data/from-init'), volumeMounts }];
    const cluster = await running([boundPod({ restartPolicy: 'OnFailure', volumes, initContainers, container: { ...sh(script), volumeMounts } })], {
      seconds: 15,
    });
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded init=Completed(0)+ready main=Completed(0) x1');
    expect(stateOf(cluster).lastState!.terminated!.exitCode).toBe(1);
  });

  it('share a volume among many that start one after the other', async () => {
    const volumes = [{ name: 'data', emptyDir: {} }];
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const initContainers = [1, 2, 3].map((i) => ({
      name: `init-${i}`,
      ...sh(`[ ${i} = 1 ] || [ -f /data/${i - 1} ] || exit 9; touch /data/${i}`),
      volumeMounts,
    }));
    const sidecar = { name: 'side', restartPolicy: 'Always', ...sh('[ -f /data/3 ] && touch /data/side; sleep 3600'), volumeMounts };
    const cluster = await running(
      [
        boundPod({
          restartPolicy: 'Never',
          volumes,
          initContainers: [...initContainers, sidecar],
          container: { ...sh('[ -f /data/side ]; exit $?'), volumeMounts },
        }),
      ],
      {
        seconds: 40,
      },
    );
    expect(stateOf(cluster).state!.terminated!.exitCode).toBe(0);
  });

  it('see what runs beside them', async () => {
    const volumes = [{ name: 'data', emptyDir: {} }];
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const containers = [
      { name: 'main', ...sh('until [ -f /data/done ]; do sleep 1; done; exit 3'), volumeMounts },
      { name: 'other', ...sh('sleep 7; touch /data/done'), volumeMounts },
    ];
    const cluster = await running([boundPod({ restartPolicy: 'Never', volumes, containers })], { seconds: 12 });
    expect(line(cluster.pod('web')!.status)).toBe('Failed main=Error(3) other=Completed(0)');
  });
});
