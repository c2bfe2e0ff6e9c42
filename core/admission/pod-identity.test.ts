import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { Pod, PodSpec } from '../schema/generated/kinds.ts';
import { kept, outcome, pod, stateWith } from '../testing/decisions.ts';
import { node } from '../testing/objects.ts';

const ROLE = 'arn:aws:iam::111122223333:role/reader';
const PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

const account = (annotations: Record<string, string>): KubeObject =>
  kept({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: 'default', annotations } });
const inRegion = node('n', { labels: { 'topology.kubernetes.io/region': 'eu-west-1' } });

interface Given {
  account?: Record<string, string>;
  pod?: Record<string, string>;
  spec?: Partial<PodSpec>;
  nodes?: readonly KubeObject[];
}

function created({ account: ofAccount = {}, pod: ofPod = {}, spec = {}, nodes = [inRegion] }: Given): Pod {
  const state = stateWith(account({ 'eks.amazonaws.com/role-arn': ROLE, ...ofAccount }), ...nodes.map(kept));
  const object = pod({ annotations: ofPod }, { serviceAccountName: 'app', automountServiceAccountToken: false, ...spec });
  return outcome(state, { type: 'create', resource: 'pods', object }).object!;
}

const env = ({ spec }: Pod, container = 0) => Object.fromEntries(spec!.containers[container]!.env?.map(({ name, value }) => [name, value]) ?? []);
const token = ({ spec }: Pod) => spec!.volumes?.find(({ name }) => name === 'aws-iam-token')?.projected?.sources?.[0]?.serviceAccountToken;

const all = {
  AWS_STS_REGIONAL_ENDPOINTS: 'regional',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_REGION: 'eu-west-1',
  AWS_ROLE_ARN: ROLE,
  AWS_WEB_IDENTITY_TOKEN_FILE: `${PATH}/token`,
};
const { AWS_DEFAULT_REGION: _d, AWS_REGION: _r, ...placeless } = all;
const { AWS_STS_REGIONAL_ENDPOINTS: _e, ...global } = all;

it('gives every container of an annotated account the token for STS, and says where it is', () => {
  const made = created({ spec: { initContainers: [{ name: 'i', image: 'i' }], volumes: [{ name: 'v', emptyDir: {} }] } });
  for (const container of [...made.spec!.initContainers!, ...made.spec!.containers]) {
    expect(container.env).toEqual(Object.entries(all).map(([name, value]) => ({ name, value })));
    expect(container.volumeMounts).toEqual([{ name: 'aws-iam-token', readOnly: true, mountPath: PATH }]);
  }
  expect(made.spec!.volumes).toMatchObject([
    {
      name: 'aws-iam-token',
      projected: { defaultMode: 420, sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86400, path: 'token' } }] },
    },
    { name: 'v' },
  ]);
});

it.each<{ name: string; given: Given; want: object }>([
  { name: 'an account without a role', given: { account: { 'eks.amazonaws.com/role-arn': '' } }, want: {} },
  { name: 'another account', given: { spec: { serviceAccountName: 'default' } }, want: {} },
  { name: 'no nodes that say their region', given: { nodes: [] }, want: placeless },
  { name: 'the global endpoint', given: { account: { 'eks.amazonaws.com/sts-regional-endpoints': 'false' } }, want: global },
  { name: 'no boolean', given: { account: { 'eks.amazonaws.com/sts-regional-endpoints': 'no' } }, want: all },
  { name: 'a skipped container', given: { pod: { 'eks.amazonaws.com/skip-containers': 'x,"c"' } }, want: {} },
  { name: 'another one skipped', given: { pod: { 'eks.amazonaws.com/skip-containers': 'x, c' } }, want: all },
  {
    name: 'Windows',
    given: { spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } },
    want: { ...all, AWS_WEB_IDENTITY_TOKEN_FILE: 'C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount\\token' },
  },
  {
    name: 'a container with a role of its own',
    given: { spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'AWS_ROLE_ARN', value: 'other' }] }] } },
    want: { AWS_ROLE_ARN: 'other', AWS_STS_REGIONAL_ENDPOINTS: 'regional', AWS_DEFAULT_REGION: 'eu-west-1', AWS_REGION: 'eu-west-1' },
  },
  {
    name: 'a container with a region of its own',
    given: { spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'AWS_REGION', value: 'x' }] }] } },
    want: { ...placeless, AWS_REGION: 'x' },
  },
])('$name', ({ given, want }) => expect(env(created(given))).toEqual(want));

it.each<{ given: Given; want: object }>([
  { given: { account: { 'eks.amazonaws.com/audience': 'vault' } }, want: { audience: 'vault' } },
  { given: { account: { 'eks.amazonaws.com/token-expiration': '7200' } }, want: { expirationSeconds: 7200 } },
  {
    given: { account: { 'eks.amazonaws.com/token-expiration': '7200' }, pod: { 'eks.amazonaws.com/token-expiration': '10000' } },
    want: { expirationSeconds: 10000 },
  },
  { given: { account: { 'eks.amazonaws.com/token-expiration': '60' } }, want: { expirationSeconds: 3600 } },
  { given: { account: { 'eks.amazonaws.com/token-expiration': 'soon' } }, want: { expirationSeconds: 86400 } },
])('the token for $given', ({ given, want }) => expect(token(created(given))).toMatchObject(want));

it('leaves what is there already', () => {
  const volumes = [{ name: 'aws-iam-token', emptyDir: {} }];
  const full = ['AWS_ROLE_ARN', 'AWS_REGION', 'AWS_STS_REGIONAL_ENDPOINTS'].map((name) => ({ name, value: 'x' }));
  const made = created({ spec: { volumes, containers: [{ name: 'c', image: 'i', env: full }] } });
  expect(made.spec!.volumes).toEqual(volumes);
  expect(made.spec!.containers[0]).toMatchObject({ env: full });
  expect(made.spec!.containers[0]!.volumeMounts).toBeUndefined();
});
