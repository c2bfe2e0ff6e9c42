import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../status.ts';
import { strategicMergePatch } from './strategic-merge.ts';

const definitions = {
  ConfigMap: 'io.k8s.api.core.v1.ConfigMap',
  Deployment: 'io.k8s.api.apps.v1.Deployment',
  Node: 'io.k8s.api.core.v1.Node',
  Pod: 'io.k8s.api.core.v1.Pod',
  Service: 'io.k8s.api.core.v1.Service',
};

type Case = { name: string; type: keyof typeof definitions; object: object; patch: object } & ({ want: object } | { error: string });

// What apimachinery 0.36 answers to each of these.
const cases: Case[] = [
  {
    name: 'adds, changes and removes fields',
    type: 'Pod',
    object: { metadata: {}, spec: { nodeName: 'a', hostNetwork: true } },
    patch: { metadata: {}, spec: { nodeName: 'b', hostNetwork: null, hostname: 'h' } },
    want: { metadata: {}, spec: { hostname: 'h', nodeName: 'b' } },
  },
  {
    name: 'merges maps key by key',
    type: 'Pod',
    object: { metadata: { labels: { a: '1', b: '2' } }, spec: {} },
    patch: { metadata: { labels: { b: null, c: '3' } }, spec: {} },
    want: { metadata: { labels: { a: '1', c: '3' } }, spec: {} },
  },
  {
    name: 'merges containers by name',
    type: 'Pod',
    object: {
      metadata: {},
      spec: {
        containers: [
          { name: 'a', image: 'a:1', args: ['x'] },
          { name: 'b', image: 'b:1' },
        ],
      },
    },
    patch: { metadata: {}, spec: { containers: [{ name: 'b', image: 'b:2' }] } },
    want: {
      metadata: {},
      spec: {
        containers: [
          { args: ['x'], image: 'a:1', name: 'a' },
          { image: 'b:2', name: 'b' },
        ],
      },
    },
  },
  {
    name: 'puts a new container where the patch says',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'b', image: 'b:1' }] } },
    want: {
      metadata: {},
      spec: {
        containers: [
          { image: 'b:1', name: 'b' },
          { image: 'a:1', name: 'a' },
        ],
      },
    },
  },
  {
    name: 'replaces a list without a merge key',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a', args: ['x', 'y'] }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'a', args: ['z'] }] } },
    want: { metadata: {}, spec: { containers: [{ args: ['z'], name: 'a' }] } },
  },
  {
    name: 'merges ports by containerPort',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 443 }] }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'a', ports: [{ containerPort: 443, name: 'tls' }, { containerPort: 8080 }] }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 443, name: 'tls' }, { containerPort: 8080 }] }] } },
  },
  {
    name: 'merges service ports by port',
    type: 'Service',
    object: { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
    patch: { spec: { ports: [{ port: 80, targetPort: 'http' }, { port: 443 }] } },
    want: { spec: { ports: [{ port: 80, targetPort: 'http' }, { port: 443 }] } },
  },
  {
    name: 'merges env by name, keeping the order',
    type: 'Pod',
    object: {
      metadata: {},
      spec: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
              { name: 'Z', value: '3' },
            ],
          },
        ],
      },
    },
    patch: {
      metadata: {},
      spec: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'Z', value: '9' },
              { name: 'X', value: '8' },
            ],
          },
        ],
      },
    },
    want: {
      metadata: {},
      spec: {
        containers: [
          {
            env: [
              { name: 'Y', value: '2' },
              { name: 'Z', value: '9' },
              { name: 'X', value: '8' },
            ],
            name: 'a',
          },
        ],
      },
    },
  },
  {
    name: '$patch: delete drops an element',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'a', $patch: 'delete' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'b' }] } },
  },
  {
    name: '$patch: delete of what is not there',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'z', $patch: 'delete' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
  },
  {
    name: '$patch: replace replaces a list',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'c' }, { $patch: 'replace' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'c' }] } },
  },
  {
    name: '$patch: replace replaces an object',
    type: 'Pod',
    object: { metadata: {}, spec: { securityContext: { runAsUser: 1, runAsGroup: 2 } } },
    patch: { metadata: {}, spec: { securityContext: { $patch: 'replace', fsGroup: 3 } } },
    want: { metadata: {}, spec: { securityContext: { fsGroup: 3 } } },
  },
  {
    name: '$patch: delete empties an object',
    type: 'Pod',
    object: { metadata: {}, spec: { securityContext: { runAsUser: 1 } } },
    patch: { metadata: {}, spec: { securityContext: { $patch: 'delete' } } },
    want: { metadata: {}, spec: { securityContext: {} } },
  },
  {
    name: '$patch: replace at the top',
    type: 'ConfigMap',
    object: { metadata: { name: 'a' }, data: { a: '1' } },
    patch: { $patch: 'replace', data: { b: '2' } },
    want: { data: { b: '2' } },
  },
  {
    name: '$retainKeys clears the union',
    type: 'Deployment',
    object: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
    patch: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    want: { spec: { strategy: { type: 'Recreate' } } },
  },
  {
    name: '$retainKeys in a volume',
    type: 'Pod',
    object: { metadata: {}, spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    patch: { metadata: {}, spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] } },
    want: { metadata: {}, spec: { volumes: [{ hostPath: { path: '/x' }, name: 'v' }] } },
  },
  {
    name: '$retainKeys with a field that it does not name',
    type: 'Deployment',
    object: { spec: { strategy: { type: 'Recreate' } } },
    patch: { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } },
    error: 'invalid patch format of retainKeys',
  },
  {
    name: '$retainKeys that is no list',
    type: 'Deployment',
    object: { spec: { strategy: { type: 'Recreate' } } },
    patch: { spec: { strategy: { $retainKeys: 'type' } } },
    error: 'invalid patch format of retainKeys',
  },
  {
    name: 'finalizers are a set',
    type: 'Pod',
    object: { metadata: { finalizers: ['a', 'b'] }, spec: {} },
    patch: { metadata: { finalizers: ['b', 'c'] }, spec: {} },
    want: { metadata: { finalizers: ['a', 'b', 'c'] }, spec: {} },
  },
  {
    name: '$deleteFromPrimitiveList',
    type: 'Pod',
    object: { metadata: { finalizers: ['a', 'b', 'c'] }, spec: {} },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a', 'z'] }, spec: {} },
    want: { metadata: { finalizers: ['b', 'c'] }, spec: {} },
  },
  {
    name: '$deleteFromPrimitiveList of what is not there',
    type: 'Pod',
    object: { metadata: { name: 'x' }, spec: {} },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] }, spec: {} },
    want: { metadata: { name: 'x' }, spec: {} },
  },
  {
    name: '$deleteFromPrimitiveList and $setElementOrder',
    type: 'Pod',
    object: { metadata: { finalizers: ['a', 'b', 'c'] }, spec: {} },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'], '$setElementOrder/finalizers': ['d', 'a', 'c'], finalizers: ['d'] }, spec: {} },
    want: { metadata: { finalizers: ['d', 'a', 'c'] }, spec: {} },
  },
  {
    name: '$setElementOrder alone',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'b' }, { name: 'c' }, { name: 'a' }] } },
  },
  {
    name: '$setElementOrder with changes and what only the server knows',
    type: 'Pod',
    object: {
      metadata: {},
      spec: {
        containers: [
          { name: 'sidecar', image: 's' },
          { name: 'a', image: 'a' },
          { name: 'b', image: 'b' },
        ],
      },
    },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: 'b2' }] } },
    want: {
      metadata: {},
      spec: {
        containers: [
          { image: 's', name: 'sidecar' },
          { image: 'b2', name: 'b' },
          { image: 'a', name: 'a' },
        ],
      },
    },
  },
  {
    name: '$setElementOrder with a deletion (kubectl apply)',
    type: 'Pod',
    object: {
      metadata: {},
      spec: {
        containers: [
          { name: 'a', image: 'a' },
          { name: 'b', image: 'b' },
        ],
      },
    },
    patch: {
      metadata: {},
      spec: {
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }],
        containers: [
          { name: 'c', image: 'c' },
          { name: 'a', $patch: 'delete' },
        ],
      },
    },
    want: {
      metadata: {},
      spec: {
        containers: [
          { image: 'c', name: 'c' },
          { image: 'b', name: 'b' },
        ],
      },
    },
  },
  {
    name: '$setElementOrder of a new list',
    type: 'Pod',
    object: { metadata: {}, spec: {} },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }], containers: [{ name: 'a' }, { name: 'b' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
  },
  {
    name: '$setElementOrder that the list contradicts',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: {
      metadata: {},
      spec: {
        '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
        containers: [
          { name: 'b', image: 'b' },
          { name: 'a', image: 'a' },
        ],
      },
    },
    error: "The order in patch list:\n[map[image:b name:b] map[image:a name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]",
  },
  {
    name: '$setElementOrder that lacks an element',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'z' }] } },
    error: "The order in patch list:\n[map[name:z]]\n doesn't match $setElementOrder list:\n[map[name:b]]",
  },
  {
    name: '$setElementOrder of nothing',
    type: 'Pod',
    object: { metadata: {}, spec: { nodeName: 'x' } },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': [{ name: 'b' }] } },
    want: { metadata: {}, spec: { nodeName: 'x' } },
  },
  {
    name: 'an element without its merge key',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [{ image: 'a', args: ['x'] }] } },
    error: 'map: map[args:[x] image:a] does not contain declared merge key: name',
  },
  {
    name: 'a deletion without its merge key',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [{ $patch: 'delete' }] } },
    error: 'map: map[$patch:delete] does not contain declared merge key: name',
  },
  {
    name: 'an unknown directive',
    type: 'Pod',
    object: { metadata: {}, spec: { securityContext: { runAsUser: 1 } } },
    patch: { metadata: {}, spec: { securityContext: { $patch: 'explode' } } },
    error: 'unknown patch type: explode in map: map[$patch:explode]',
  },
  {
    name: 'an unknown directive in a list',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'a', $patch: 'explode' }] } },
    error: 'unknown patch type: explode in map: map[$patch:explode name:a]',
  },
  {
    name: '$patch: merge in a list',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [{ name: 'a', $patch: 'merge' }] } },
    error: 'merging lists cannot yet be specified in the patch',
  },
  {
    name: 'mixed element types',
    type: 'Pod',
    object: { metadata: { finalizers: ['a'] }, spec: {} },
    patch: { metadata: { finalizers: [1] }, spec: {} },
    error: 'list element types are not identical: [[a] [1]]',
  },
  {
    name: 'lists of lists',
    type: 'Pod',
    object: { metadata: { finalizers: ['a'] }, spec: {} },
    patch: { metadata: { finalizers: [['a']] }, spec: {} },
    error: 'list element types are not identical: [[a] [[a]]]',
  },
  {
    name: 'a field that the type does not have',
    type: 'Pod',
    object: { spec: { nope: { a: {} } } },
    patch: { spec: { nope: { a: { b: 1 } } } },
    error: 'unable to find api field in struct PodSpec for the json field "nope"',
  },
  {
    name: 'another type replaces',
    type: 'Pod',
    object: { metadata: {}, spec: { nodeName: { a: 1 } } },
    patch: { metadata: {}, spec: { nodeName: 'x' } },
    want: { metadata: {}, spec: { nodeName: 'x' } },
  },
  {
    name: 'nulls in what is new are dropped',
    type: 'Pod',
    object: { metadata: {}, spec: {} },
    patch: { metadata: {}, spec: { securityContext: { runAsUser: null, seLinuxOptions: { user: null, role: 'r' } } } },
    want: { metadata: {}, spec: { securityContext: { seLinuxOptions: { role: 'r' } } } },
  },
  {
    name: 'directives in what is new are dropped',
    type: 'Pod',
    object: { metadata: {}, spec: {} },
    patch: { metadata: {}, spec: { securityContext: { $patch: 'delete' }, containers: [{ name: 'a' }, { name: 'b', $patch: 'delete' }] } },
    want: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
  },
  {
    name: 'an empty list stays',
    type: 'Pod',
    object: { metadata: {}, spec: { tolerations: [{ key: 'a' }] } },
    patch: { metadata: {}, spec: { tolerations: [] } },
    want: { metadata: {}, spec: { tolerations: [] } },
  },
  {
    name: 'an empty merge list changes nothing',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: [] } },
    want: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
  },
  {
    name: 'tolerations are replaced',
    type: 'Pod',
    object: { metadata: {}, spec: { tolerations: [{ key: 'a' }] } },
    patch: { metadata: {}, spec: { tolerations: [{ key: 'b' }] } },
    want: { metadata: {}, spec: { tolerations: [{ key: 'b' }] } },
  },
  {
    name: 'conditions merge by type',
    type: 'Node',
    object: {
      status: {
        conditions: [
          { type: 'Ready', status: 'True', reason: 'x' },
          { type: 'DiskPressure', status: 'False' },
        ],
      },
    },
    patch: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    want: {
      status: {
        conditions: [
          { reason: 'x', status: 'Unknown', type: 'Ready' },
          { status: 'False', type: 'DiskPressure' },
        ],
      },
    },
  },
  {
    name: 'kubectl set image',
    type: 'Deployment',
    object: {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }] }], dnsPolicy: 'ClusterFirst' } } },
    },
    patch: { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'web' }], containers: [{ name: 'web', image: 'b' }] } } } },
    want: {
      spec: { template: { spec: { containers: [{ image: 'b', name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }], dnsPolicy: 'ClusterFirst' } } },
    },
  },
  {
    name: 'kubectl rollout restart',
    type: 'Deployment',
    object: { spec: { template: { metadata: {} } } },
    patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
    want: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
  },
  {
    name: 'imagePullSecrets by name',
    type: 'Pod',
    object: { metadata: {}, spec: { imagePullSecrets: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { imagePullSecrets: [{ name: 'b' }, { name: 'a' }] } },
    want: { metadata: {}, spec: { imagePullSecrets: [{ name: 'b' }, { name: 'a' }] } },
  },
  {
    name: 'duplicate merge keys: the first is changed',
    type: 'Pod',
    object: {
      metadata: {},
      spec: {
        containers: [
          {
            name: 'c',
            ports: [
              { containerPort: 53, protocol: 'TCP' },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
        ],
      },
    },
    patch: { metadata: {}, spec: { containers: [{ name: 'c', ports: [{ containerPort: 53, name: 'dns' }] }] } },
    want: {
      metadata: {},
      spec: {
        containers: [
          {
            name: 'c',
            ports: [
              { containerPort: 53, name: 'dns', protocol: 'TCP' },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
        ],
      },
    },
  },
  {
    name: 'topologySpreadConstraints by topologyKey',
    type: 'Pod',
    object: { metadata: {}, spec: { topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1 }] } },
    patch: {
      metadata: {},
      spec: {
        topologySpreadConstraints: [
          { topologyKey: 'host', maxSkew: 2 },
          { topologyKey: 'zone', maxSkew: 3 },
        ],
      },
    },
    want: {
      metadata: {},
      spec: {
        topologySpreadConstraints: [
          { maxSkew: 2, topologyKey: 'host' },
          { maxSkew: 3, topologyKey: 'zone' },
        ],
      },
    },
  },
  {
    name: 'a null list',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { containers: null } },
    want: { metadata: {}, spec: {} },
  },
  {
    name: 'a null element order',
    type: 'Pod',
    object: { metadata: {}, spec: { containers: [{ name: 'a' }] } },
    patch: { metadata: {}, spec: { '$setElementOrder/containers': null } },
    error: 'expected a []interface {}, but received a %!s(<nil>)',
  },
];

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

describe('strategicMergePatch', () => {
  for (const given of cases) {
    it(given.name, () => {
      const patched = () => strategicMergePatch(deepFreeze(given.object), deepFreeze(given.patch), definitions[given.type]);
      if ('want' in given) expect(patched()).toEqual(given.want);
      else expect(statusOf(patched)).toMatchObject({ code: 400, reason: 'BadRequest', message: expect.stringContaining(given.error) });
    });
  }

  it('refuses lists of lists as 422', () => {
    const patched = () => strategicMergePatch({ metadata: { finalizers: [] } }, { metadata: { finalizers: [['a']] } }, definitions.Pod);
    expect(statusOf(patched)).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  it('refuses a patch that is no object', () => {
    expect(statusOf(() => strategicMergePatch({}, [], definitions.Pod))).toMatchObject({
      code: 400,
      message: 'expected a map[string]interface {}, but received a []interface {}',
    });
  });

  it('shares what it does not touch', () => {
    const object = { metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a' }] } };
    const patched = strategicMergePatch(object, { metadata: { labels: { a: '2' } } }, definitions.Pod);
    expect(patched.spec).toBe(object.spec);
  });

  it('takes __proto__ as a key like any other', () => {
    const patched = strategicMergePatch({ data: { a: '1' } }, JSON.parse('{"data":{"__proto__":"x","constructor":"y"}}'), definitions.ConfigMap);
    expect(Object.keys(patched.data)).toEqual(['a', '__proto__', 'constructor']);
    expect(Object.getPrototypeOf(patched.data)).toBe(Object.prototype);
  });
});

function statusOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('did not throw');
}
