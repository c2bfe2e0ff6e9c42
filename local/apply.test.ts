import { describe, expect, it } from 'vitest';
import { withDeletions } from './apply.ts';

const deployment = { ref: 'io.k8s.api.apps.v1.Deployment' };
const pod = (spec: Record<string, unknown>) => ({ spec: { template: { spec } } });

const cases: { name: string; wanted: Record<string, unknown>; last: Record<string, unknown>; want: Record<string, unknown> }[] = [
  {
    name: 'says what is there now',
    last: { spec: { replicas: 1 } },
    wanted: { spec: { replicas: 2 } },
    want: { spec: { replicas: 2 } },
  },
  {
    name: 'takes away what the manifest said and says no more',
    last: { metadata: { labels: { a: '1', b: '2' } }, spec: { replicas: 1, paused: true } },
    wanted: { metadata: { labels: { a: '1' } }, spec: { replicas: 1 } },
    want: { metadata: { labels: { a: '1', b: null } }, spec: { replicas: 1, paused: null } },
  },
  {
    name: 'leaves alone what the manifest never said',
    last: {},
    wanted: { spec: { paused: true } },
    want: { spec: { paused: true } },
  },
  {
    name: 'takes an element with a key out of a list by its key',
    last: pod({
      containers: [
        { name: 'web', image: 'nginx' },
        { name: 'log', image: 'fluentbit' },
      ],
    }),
    wanted: pod({ containers: [{ name: 'web', image: 'nginx' }] }),
    want: pod({
      containers: [
        { name: 'web', image: 'nginx' },
        { $patch: 'delete', name: 'log' },
      ],
    }),
  },
  {
    name: 'goes into the elements of a list with keys',
    last: pod({
      containers: [
        {
          name: 'web',
          image: 'nginx',
          command: ['sh'],
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        },
      ],
    }),
    wanted: pod({ containers: [{ name: 'web', image: 'nginx', env: [{ name: 'B', value: '3' }] }] }),
    want: pod({
      containers: [
        {
          name: 'web',
          image: 'nginx',
          command: null,
          env: [
            { name: 'B', value: '3' },
            { $patch: 'delete', name: 'A' },
          ],
        },
      ],
    }),
  },
  {
    name: 'takes a value out of a list of values that merges',
    last: { metadata: { finalizers: ['example.com/a', 'example.com/b'] } },
    wanted: { metadata: { finalizers: ['example.com/b'] } },
    want: { metadata: { finalizers: ['example.com/b'], '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } },
  },
  {
    name: 'replaces a list that does not merge',
    last: pod({ containers: [{ name: 'web', args: ['a', 'b'] }] }),
    wanted: pod({ containers: [{ name: 'web', args: ['b'] }] }),
    want: pod({ containers: [{ name: 'web', args: ['b'] }] }),
  },
  {
    name: 'keeps of a strategy only what is named, whatever the server filled in',
    last: {},
    wanted: { spec: { strategy: { type: 'Recreate' } } },
    want: { spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } } },
  },
  {
    name: 'keeps of a volume only its new source',
    last: pod({ volumes: [{ name: 'data', emptyDir: {} }] }),
    wanted: pod({ volumes: [{ name: 'data', hostPath: { path: '/data' } }] }),
    want: pod({ volumes: [{ name: 'data', emptyDir: null, hostPath: { path: '/data' }, $retainKeys: ['name', 'hostPath'] }] }),
  },
];

describe('a patch of apply', () => {
  for (const { name, wanted, last, want } of cases) it(name, () => expect(withDeletions(wanted, last, deployment)).toEqual(want));
});
