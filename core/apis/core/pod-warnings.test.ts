import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../schema/generated/kinds.ts';
import { podTemplateWarnings, podWarnings } from './pod-warnings.ts';

const container = (more: Partial<Container> = {}): Container => ({ name: 'c', image: 'x', ...more });
const spec = (more: Partial<PodSpec> = {}): PodSpec => ({ containers: [container()], ...more });

describe('warnings of a pod', () => {
  it.each([
    { name: 'nothing', given: spec(), want: [] },
    {
      name: 'labels of nodes that have another name',
      given: spec({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
      want: ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    },
    {
      name: 'a variable twice, but not one that adds to itself',
      given: spec({
        containers: [
          container({
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
              { name: 'B', value: 'x' },
              { name: 'B', value: '$(B):y' },
            ],
          }),
        ],
      }),
      want: ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    },
    {
      name: 'ports twice',
      given: spec({
        containers: [
          container({
            ports: [
              { name: 'a', containerPort: 80, protocol: 'TCP' },
              { name: 'a', containerPort: 80, protocol: 'TCP' },
              { containerPort: 80, protocol: 'TCP', hostPort: 8080 },
            ],
          }),
        ],
      }),
      want: [
        'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
        'spec.containers[0].ports[1]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    },
    {
      name: 'parts of bytes',
      given: spec({ containers: [container({ resources: { limits: { memory: '100m' } } })] }),
      want: ['spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer'],
    },
    {
      name: 'a selector of nothing',
      given: spec({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] }),
      want: ['spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod'],
    },
    {
      name: 'a time that is over before it begins',
      given: spec({ terminationGracePeriodSeconds: -1 }),
      want: ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
    },
    {
      name: 'secrets without names, and twice',
      given: spec({ imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] }),
      want: ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
    },
    {
      name: 'volumes that do nothing any more, and files that hide others',
      given: spec({
        volumes: [
          { name: 'g', gitRepo: { repository: 'r' } },
          {
            name: 's',
            secret: {
              secretName: 'x',
              items: [
                { key: 'a', path: 'd' },
                { key: 'b', path: 'd/e' },
              ],
            },
          },
        ],
      }),
      want: ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+', 'volume "s" (Secret "x"): overlapping paths: "d/e" with "d"'],
    },
  ])('$name', ({ given, want }) => expect(podWarnings({}, given)).toEqual(want));

  it('names the place in a template', () => {
    const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '', 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' };
    expect(podTemplateWarnings({ metadata: { annotations }, spec: spec() }, 'spec.template')).toEqual([
      'spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
      'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
    ]);
  });
});
