import { describe, expect, it } from 'vitest';
import type { Secret } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, line, running, seen } from '../testing/node-agents.ts';

const pulled = (cluster: Awaited<ReturnType<typeof running>>) => cluster.list('nodes')[0]!.status!.images?.map(({ names }) => names![1]);

describe('an image', () => {
  const ecr = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
  const table: { image: string; want: string; error?: string }[] = [
    { image: 'nginx', want: 'running+ready' },
    { image: 'registry.example/app:1', want: 'running+ready' },
    { image: 'quay.io/some/thing:v2.4.1', want: 'running+ready' },
    { image: 'ubuntu:24.04', want: 'CrashLoopBackOff x1' },
    { image: 'public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1', want: 'running+ready' },
    { image: '602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1.11.4', want: 'running+ready' },
    {
      image: 'nginx:doesnotexist',
      want: 'ImagePullBackOff',
      error:
        'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:doesnotexist": failed to resolve reference "docker.io/library/nginx:doesnotexist": docker.io/library/nginx:doesnotexist: not found',
    },
    { image: 'webserver:404', want: 'ImagePullBackOff' },
    { image: 'foo:non-existent', want: 'ImagePullBackOff' },
    // The documentation's task on Deployments.
    { image: 'nginx:1.161', want: 'ImagePullBackOff' },
    {
      image: 'this-image-does-not-exist',
      want: 'ImagePullBackOff',
      error:
        'failed to pull and unpack image "docker.io/library/this-image-does-not-exist:latest": failed to resolve reference "docker.io/library/this-image-does-not-exist:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    },
    {
      image: `${ecr}/app:1`,
      want: 'ImagePullBackOff',
      error: `failed to pull and unpack image "${ecr}/app:1": failed to resolve reference "${ecr}/app:1": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
    },
    { image: 'NGINX', want: 'InvalidImageName' },
  ];
  it.each(table)('$image', async ({ image, want, error }) => {
    const cluster = await running([boundPod({ container: { image } })], { seconds: 6 });
    expect(line(cluster.pod('web')!.status)).toMatch(new RegExp(`^(Pending|Running) main=${want.replace('+', '\\+')}$`));
    if (!error) return;
    expect(cluster.pod('web')!.status!.containerStatuses![0]!.state!.waiting!.message).toBe(`Back-off pulling image "${image}": ErrImagePull: ${error}`);
    expect(eventLines(cluster)).toContain(`Warning Failed Failed to pull image "${image}": ${error}`);
  });

  it('that cannot be pulled is tried again after 10, 20, 40 s … 5 min, in Events that count', async () => {
    const cluster = await running([boundPod({ container: { image: 'nginx:doesnotexist' } })], { seconds: 1500 });
    expect(seen(cluster).filter(({ status }) => line(status).endsWith('ErrImagePull')).length).toBe([0, 10, 30, 70, 150, 310, 610, 910, 1210].length);
    const counts = cluster.list('events').map(({ reason, message, count }) => `${count} ${reason} ${message?.slice(0, 23)}`);
    expect(counts.sort()).toEqual([
      '9 BackOff Back-off pulling image ',
      '9 Failed Error: ErrImagePull',
      '9 Failed Error: ImagePullBackOff',
      '9 Failed Failed to pull image "n',
      '9 Pulling Pulling image "nginx:do',
    ]);
  });

  it('of a private registry is pulled once there is a Secret for it, at the next try', async () => {
    const config = Buffer.from(JSON.stringify({ auths: { [`https://${ecr}`]: { auth: 'eA==' } } })).toString('base64');
    const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'let-me-in', namespace: 'default' }, data: { '.dockerconfigjson': config } };
    const cluster = await running([boundPod({ imagePullSecrets: [{ name: 'let-me-in' }], container: { image: `${ecr}/app:1` } })], { seconds: 12 });
    expect(cluster.list('events').find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret')).toMatchObject({
      count: 2,
      message: 'Unable to retrieve some image pull secrets (let-me-in); attempting to pull the image may not succeed.',
    });
    await cluster.put(secret);
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe('Pending main=ErrImagePull');
    await cluster.runUntil(START + 29_000);
    expect(line(cluster.pod('web')!.status)).toBe('Pending main=ImagePullBackOff');
    await cluster.runUntil(START + 30_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
  });

  it('that is large is waited for, and told of at once', async () => {
    const cluster = await running([boundPod({ container: { image: 'mongo:8', ports: [{ containerPort: 27017 }] } })], { seconds: 2 });
    expect(line(cluster.pod('web')!.status)).toBe('Pending main=ContainerCreating');
    expect(eventLines(cluster)).toEqual(['Normal Pulling Pulling image "mongo:8"']);
    await cluster.runUntil(START + 4_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
    expect(eventLines(cluster)[1]).toMatch(
      /^Normal Pulled Successfully pulled image "mongo:8" in 3s \(3s including waiting\)\. Image size: 28000\d{4} bytes\.$/,
    );
  });

  const pulls = (cluster: Awaited<ReturnType<typeof running>>) => eventLines(cluster).filter((text) => text.includes(' Pulling '));

  it.each<{ name: string; pods: BoundPodOptions[]; want: number }>([
    { name: 'one that is large', pods: [{ container: { image: 'mongo:8' } }], want: 1 },
    {
      name: 'one that comes after init containers and a sidecar that takes its time',
      pods: [
        {
          initContainers: [
            { name: 'first', image: 'busybox', command: ['sleep', '1.7'] },
            {
              name: 'beside',
              image: 'busybox',
              command: ['sleep', '1h'],
              restartPolicy: 'Always',
              startupProbe: { exec: { command: ['true'] }, initialDelaySeconds: 7 },
            },
          ],
          container: { image: 'mongo:8' },
        },
      ],
      want: 3,
    },
    {
      name: 'one that two pods of a node always ask for',
      pods: ['a', 'b'].map((name) => ({ name, container: { image: 'mongo:8', imagePullPolicy: 'Always' } })),
      want: 2,
    },
    { name: 'one that cannot be had', pods: [{ container: { image: 'nginx:doesnotexist' } }], want: 1 },
  ])('$name is told of once for each pull, whatever the millisecond', async ({ pods, want }) => {
    const cluster = await running([], { seconds: 0 });
    await cluster.runUntil(START + 300);
    await cluster.put(...pods.map(boundPod));
    await cluster.runUntil(START + 20_700);
    expect(pulls(cluster)).toHaveLength(want);
    if (want > 1) expect(cluster.pods.map(({ status }) => status!.phase)).toEqual(pods.map(() => 'Running'));
  });

  it.each(['mongo:8', 'redis:8'])('%s is told of after what came before it in its second, and before what follows', async (image) => {
    const cluster = await running([], { seconds: 0 });
    await cluster.runUntil(START + 300);
    const pod = boundPod({ container: { image, imagePullPolicy: 'Always' } });
    await cluster.put(pod);
    await cluster.runUntil(START + 20_000);
    // Another pod with the image on its node.
    await cluster.put(boundPod({ name: 'again', container: { image, imagePullPolicy: 'Always' } }));
    await cluster.runUntil(START + 40_000);
    for (const name of ['web', 'again']) {
      const events = cluster.list('events').filter(({ involvedObject }) => involvedObject.name === name);
      const sorted = events.map(({ metadata, reason }) => `${metadata.name} ${reason}`).sort();
      expect(sorted.map((text) => text.split(' ')[1])).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
      const [, suffix] = sorted[0]!.split(' ')[0]!.split('.');
      const bound = Date.parse(events.find(({ reason }) => reason === 'Pulling')!.firstTimestamp!) + 300;
      expect(Number(BigInt(`0x${suffix}`) >> 23n)).toBeGreaterThanOrEqual(name === 'web' ? bound : bound - 300);
    }
  });

  it('of a sidecar that starts late is pulled from then on', async () => {
    const beside = {
      name: 'beside',
      image: 'busybox',
      command: ['sleep', '1h'],
      restartPolicy: 'Always',
      startupProbe: { exec: { command: ['true'] }, initialDelaySeconds: 7 },
    };
    const cluster = await running([boundPod({ initContainers: [beside], container: { image: 'mongo:8' } })], { seconds: 9 });
    expect(cluster.pod('web')!.status!.phase).toBe('Pending');
    await cluster.runUntil(START + 10_000);
    expect(cluster.pod('web')!.status!.phase).toBe('Running');
  });

  it('that a running container is to have is pulled once, while the old one has been stopped', async () => {
    const cluster = await running([boundPod()], { seconds: 2 });
    await cluster.edit(cluster.pod('web')!, ({ spec }) => {
      spec!.containers[0]!.image = 'mongo:8';
    });
    await cluster.runUntil(START + 20_000);
    expect(pulls(cluster).filter((text) => text.includes('mongo'))).toHaveLength(1);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x1');
  });

  it('is on its node from then on: others find it there, unless they always ask', async () => {
    const cluster = await running([boundPod({ name: 'a' }), boundPod({ name: 'b' }), boundPod({ name: 'c', container: { imagePullPolicy: 'Always' } })]);
    expect(eventLines(cluster).filter((text) => text.includes('Pull'))).toEqual([
      'Normal Pulling Pulling image "nginx:1.27"',
      expect.stringMatching(/^Normal Pulled Successfully pulled image "nginx:1.27" in 920ms/),
      'Normal Pulled Container image "nginx:1.27" already present on machine and can be accessed by the pod',
      'Normal Pulling Pulling image "nginx:1.27"',
      expect.stringMatching(/^Normal Pulled Successfully pulled image "nginx:1.27" in 200ms/),
    ]);
    expect(pulled(cluster)).toEqual(['docker.io/library/nginx:1.27']);
    await cluster.put(
      boundPod({ name: 'd', container: { imagePullPolicy: 'Never' } }),
      boundPod({ name: 'e', container: { image: 'redis:8', imagePullPolicy: 'Never' } }),
    );
    await cluster.settle();
    expect([line(cluster.pod('d')!.status), line(cluster.pod('e')!.status)]).toEqual(['Running main=running+ready', 'Pending main=ErrImageNeverPull']);
  });
});

describe('what an image does', () => {
  const table: { name: string; given: BoundPodOptions; want: string }[] = [
    {
      name: 'nginx serves, also in a pod that does not restart',
      given: { restartPolicy: 'Never', container: { image: 'nginx' } },
      want: 'Running main=running+ready',
    },
    {
      name: 'agnhost pauses',
      given: { restartPolicy: 'Never', container: { image: 'registry.k8s.io/e2e-test-images/agnhost:2.57' } },
      want: 'Running main=running+ready',
    },
    { name: 'a base image ends', given: { restartPolicy: 'Never', container: { image: 'busybox' } }, want: 'Succeeded main=Completed(0)' },
    {
      name: 'a shell waits for who types',
      given: { restartPolicy: 'Never', container: { image: 'busybox', stdin: true, tty: true } },
      want: 'Running main=running+ready',
    },
    { name: 'postgres does not start without a password', given: { container: { image: 'postgres:17' } }, want: 'Running main=CrashLoopBackOff x2' },
    {
      name: 'and does with one',
      given: { container: { image: 'postgres:17', env: [{ name: 'POSTGRES_PASSWORD', value: 'x' }] } },
      want: 'Running main=running+ready',
    },
    {
      name: 'what is given runs in place of a server',
      given: { restartPolicy: 'Never', container: { image: 'redis', args: ['sh', '-c', 'exit 4'] } },
      want: 'Failed main=Error(4)',
    },
    {
      name: 'what is not known is a task where it is not restarted',
      given: { restartPolicy: 'Never', container: { image: 'example.com/task' } },
      want: 'Succeeded main=Completed(0)',
    },
  ];
  it.each(table)('$name', async ({ given, want }) => {
    expect(line((await running([boundPod(given)], { seconds: 20 })).pod('web')!.status)).toBe(want);
  });
});
