import type { KubeObject } from '../../../kube/object.ts';
import { Failed, notSimulated } from '../outcome.ts';
import type { Invocation } from './invocation.ts';
import { labelsOf } from './labels-of.ts';
import { make } from './make.ts';

/** Flags with which it is attached to, or makes more than a pod. */
const MORE = ['attach', 'i', 'stdin', 't', 'tty', 'rm', 'expose', 'overrides', 'privileged'];

/** `kubectl run NAME --image=IMAGE [-- ARGUMENT…]`: a pod (kubectl's pkg/generate/versioned, BasicPod). */
export function run(invocation: Invocation): void {
  const [name, ...words] = invocation.words;
  const image = invocation.flag('image');
  if (!name) throw new Failed('error: NAME is required for run');
  if (!image) throw new Failed('error: --image is required');
  const more = MORE.find((flag) => invocation.is(flag));
  if (more !== undefined) throw notSimulated(`kubectl run ${more.length > 1 ? '--' : '-'}${more}`);
  const port = invocation.flag('port');
  const env = (invocation.flags.get('env') ?? []).map((text) => {
    const [variable, value] = text.split(/=(.*)/s) as [string, string?];
    if (!variable || value === undefined) throw new Failed(`error: invalid env: ${text}`);
    return { name: variable, value };
  });
  const annotations = invocation.flags.get('annotations');
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: invocation.namespace,
      labels: labelsOf(invocation.flag('labels')) ?? { run: name },
      ...(annotations && { annotations: labelsOf(annotations.join()) }),
    },
    spec: {
      containers: [
        {
          name,
          image,
          ...(words.length > 0 && (invocation.is('command') ? { command: words } : { args: words })),
          ...(env.length > 0 && { env }),
          ...(port !== undefined && { ports: [{ containerPort: Number(port) }] }),
          ...(invocation.flag('image-pull-policy') && { imagePullPolicy: invocation.flag('image-pull-policy') }),
          resources: {},
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: invocation.flag('restart') ?? 'Always',
    },
  };
  make(invocation, pod as unknown as KubeObject, { manager: 'kubectl-run', done: 'created' });
}
