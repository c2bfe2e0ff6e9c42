import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eksToken, type FakeSts, fakeSts, type Identity } from '../../test/support/fake-sts.ts';
import { anyOf } from '../auth/authenticator.ts';
import { EksUsers } from '../auth/eks/eks-users.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import { systemEnv } from '../env.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { START } from '../testing/env.ts';
import { namespace, node } from '../testing/objects.ts';
import { bearers, type TestServer, testServer } from '../testing/server.ts';
import { httpsGet } from '../webhooks/https-get.ts';

/** Tokens of `aws eks get-token`, shown to the API; what they name is a fake on this machine. */
const HOST = 'sts.eu-west-1.amazonaws.com';
const ACCOUNT = '111122223333';

const role = (name: string, session: string): Identity => ({
  Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/${session}`,
  Account: ACCOUNT,
  UserId: `AROA${name.toUpperCase()}:${session}`,
});

const identities: Readonly<Record<string, Identity>> = {
  DEV: role('dev', 'jane@example.com'),
  ADMIN: role('admin', 'joe'),
  ENTRY: role('entry', 'eve'),
  VIEWER: role('viewer', 'vic'),
  NODE: role('node', 'i-0123456789abcdef0'),
  NO_NODE: role('node', 'i-00000000000000000'),
  USER: { Arn: `arn:aws:iam::${ACCOUNT}:user/team/bob`, Account: ACCOUNT, UserId: 'AIDABOB' },
  STRANGER: role('stranger', 's'),
  NEIGHBOUR: { Arn: 'arn:aws:iam::444455556666:user/nell', Account: '444455556666', UserId: 'AIDANELL' },
  SERVICE: { Arn: `arn:aws:sts::${ACCOUNT}:something/x`, Account: ACCOUNT, UserId: 'X' },
  LIAR: { Arn: `arn:aws:iam::${ACCOUNT}:user/liar`, Account: '444455556666', UserId: 'X' },
};

const AWS_AUTH = `
- rolearn: arn:aws:iam::${ACCOUNT}:role/DEV
  username: dev:{{SessionName}}:{{SessionNameRaw}}
  groups: [developers, 'of-{{AccountID}}']
- rolearn: arn:aws:iam::${ACCOUNT}:role/admin
  username: admin
  groups: ['system:masters']
- rolearn: arn:aws:iam::${ACCOUNT}:role/entry
  username: shadowed
  groups: ['system:masters']
- rolearn: arn:aws:iam::${ACCOUNT}:role/node
  username: system:node:{{EC2PrivateDNSName}}
  groups: ['system:bootstrappers', 'system:nodes']
- 7
- {username: nobody}
`;

const ENTRIES = `
- principalArn: arn:aws:iam::${ACCOUNT}:role/path/entry
  kubernetesGroups: [readers]
  associatedAccessPolicies:
  - policyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy
    accessScope: {type: namespace, namespaces: [team-a, 'lab-*-x']}
- principalArn: arn:aws:iam::${ACCOUNT}:role/viewer
  username: viewer
  associatedAccessPolicies:
  - policyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
    accessScope: {type: cluster}
  - policyArn: arn:aws:eks::aws:cluster-access-policy/NoSuchPolicy
    accessScope: {type: cluster}
- principalArn: arn:aws:iam::${ACCOUNT}:role/stranger
  kubernetesGroups: ['system:masters']
`;

const configMap = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' }, data });

let sts: FakeSts;
beforeAll(async () => {
  sts = await fakeSts({ host: HOST, identities });
});
afterAll(() => sts.close());
beforeEach(() => {
  sts.calls.length = 0;
  sts.answers = () => false;
});

interface Told {
  readonly server: TestServer;
  readonly log: ReturnType<typeof memoryLog>;
  readonly problems: string[];
}

async function serverOf(): Promise<Told> {
  const problems: string[] = [];
  const log = memoryLog();
  const get = httpsGet({ clock: systemEnv.clock, allowsPrivate: true, ca: sts.ca, dial: () => ({ host: '127.0.0.1', port: sts.port }) });
  const users = new EksUsers({
    eksName: (cluster) => (cluster === 'main' ? 'lab' : undefined),
    region: 'eu-west-1',
    get,
    problem: (message, error) => problems.push(`${message}: ${(error as Error).message}`),
  });
  const server = await testServer({
    roles: true,
    log,
    authenticator: anyOf([staticTokens(bearers), users]),
    objects: [
      ...['default', 'kube-system', 'team-a', 'lab-1-x', 'lab-1'].map((name) => namespace(name)),
      node('ip-10-0-0-1.eu-west-1.compute.internal', { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0' }),
      configMap('aws-auth', {
        mapRoles: AWS_AUTH,
        mapUsers: `[{userarn: 'arn:aws:iam::${ACCOUNT}:user/team/bob', username: bob}]`,
        mapAccounts: '- 444455556666',
      }),
      configMap('access-entries', { accessEntries: ENTRIES }),
    ] as never[],
  });
  return { server, log, problems };
}

const tokenOf = (accessKey: string, options: Partial<Parameters<typeof eksToken>[0]> = {}) =>
  eksToken({ accessKey, cluster: 'lab', at: START, host: HOST, ...options });

async function whoami({ server }: Told, token: string): Promise<unknown> {
  const { code, json } = await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token, body: {} });
  return code === 201 ? json.status.userInfo : code;
}

describe('the bearer of a token', () => {
  let told: Told;
  beforeAll(async () => {
    told = await serverOf();
  });

  it.each([
    { key: 'DEV', want: { username: 'dev:jane-example.com:jane@example.com', groups: ['developers', `of-${ACCOUNT}`, 'system:authenticated'] } },
    { key: 'ADMIN', want: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } },
    { key: 'ENTRY', want: { username: `arn:aws:sts::${ACCOUNT}:assumed-role/entry/eve`, groups: ['readers', 'system:authenticated'] } },
    { key: 'VIEWER', want: { username: 'viewer', groups: ['system:authenticated'] } },
    {
      key: 'NODE',
      want: { username: 'system:node:ip-10-0-0-1.eu-west-1.compute.internal', groups: ['system:bootstrappers', 'system:nodes', 'system:authenticated'] },
    },
    { key: 'USER', want: { username: 'bob', groups: ['system:authenticated'] } },
    { key: 'NEIGHBOUR', want: { username: 'arn:aws:iam::444455556666:user/nell', groups: ['system:authenticated'] } },
  ])('$key is whom the cluster says', async ({ key, want }) => {
    expect(await whoami(told, tokenOf(key))).toMatchObject(want);
  });

  it('has a uid, and more, of AWS', async () => {
    expect(await whoami(told, tokenOf('DEV'))).toMatchObject({
      uid: `aws-iam-authenticator:${ACCOUNT}:AROADEV`,
      extra: {
        accessKeyId: ['DEV'],
        arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/dev/jane@example.com`],
        canonicalArn: [`arn:aws:iam::${ACCOUNT}:role/dev`],
        principalId: ['AROADEV'],
        sessionName: ['jane@example.com'],
      },
    });
    const { json } = await told.server.request('POST /apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: tokenOf('USER') } } });
    expect(json.status).toMatchObject({ authenticated: true, user: { username: 'bob', groups: ['system:authenticated'] } });
  });

  it.each([
    { name: 'an entry that gives what none may give', key: 'STRANGER' },
    { name: 'an instance that is no Node', key: 'NO_NODE' },
    { name: 'what access is given to nobody by', key: 'SERVICE' },
    { name: 'an ARN of another account', key: 'LIAR' },
    { name: 'a key that STS does not know', key: 'UNKNOWN' },
  ])('is nobody: $name', async ({ key }) => expect(await whoami(told, tokenOf(key))).toBe(401));

  it('is whom the cluster says now', async () => {
    const own = await serverOf();
    expect(await whoami(own, tokenOf('USER'))).toMatchObject({ username: 'bob' });
    await own.server.request('DELETE /api/v1/namespaces/kube-system/configmaps/aws-auth');
    expect(await whoami(own, tokenOf('USER'))).toBe(401);
    expect(await whoami(own, tokenOf('VIEWER'))).toMatchObject({ username: 'viewer' });
  });
});

describe('a token that is not as it must be costs no call of STS and no read of the log', () => {
  let told: Told;
  beforeAll(async () => {
    told = await serverOf();
  });

  const at = (ms: number) => tokenOf('USER', { at: START + ms });
  const param = (parameters: Record<string, string | undefined>) => tokenOf('USER', { parameters });
  const url = (change: (url: string) => string) => tokenOf('USER', { url: change });
  const MINUTES_15 = 15 * 60_000;
  it.each<[string, () => string]>([
    ['is too large', () => param({ 'X-Amz-Security-Token': 'x'.repeat(3_000) })],
    ['begins otherwise', () => tokenOf('USER').replace('v1', 'v2')],
    ['is not base64', () => tokenOf('USER').replace(/.$/, '!')],
    ['is padded', () => `${tokenOf('USER')}=`],
    ['is no URL', () => `k8s-aws-v1.${Buffer.from('\u0001').toString('base64url')}`],
    ['has a line in it', () => url((text) => text.replace('/?', '/?\r\nHost:%20x&'))],
    ['is not over HTTPS', () => url((text) => text.replace('https', 'http'))],
    ['is of another host', () => tokenOf('USER', { host: 'sts.example.com' })],
    ['is of a host that ends alike', () => tokenOf('USER', { host: `x.${HOST}` })],
    ['is of a host that begins alike', () => tokenOf('USER', { host: `${HOST}.example.com` })],
    ['is of a region that there is not', () => tokenOf('USER', { host: 'sts.eu-west-9.amazonaws.com' })],
    ['is of another partition', () => tokenOf('USER', { host: 'sts.cn-north-1.amazonaws.com.cn' })],
    ['is of another service', () => tokenOf('USER', { host: 's3.eu-west-1.amazonaws.com' })],
    ['names a port', () => tokenOf('USER', { host: `${HOST}:443` })],
    ['names a user', () => tokenOf('USER', { host: `sts.example.com@${HOST}` })],
    ['is in capitals', () => tokenOf('USER', { host: HOST.toUpperCase() })],
    ['has a path', () => url((text) => text.replace('/?', '/x?'))],
    ['has no path', () => url((text) => text.replace('/?', '?'))],
    ['has an escaped path', () => url((text) => text.replace('/?', '/%2e%2e?'))],
    ['has a fragment', () => url((text) => `${text}#x`)],
    ['has another parameter', () => param({ 'X-Amz-Other': 'x' })],
    ['has a parameter twice', () => url((text) => `${text}&Action=GetCallerIdentity`)],
    ['has a parameter twice, in other letters', () => url((text) => `${text}&action=GetCallerIdentity`)],
    ['has a parameter that is not escaped', () => url((text) => `${text}&Version=%zz`)],
    ['asks for another action', () => param({ Action: 'AssumeRole' })],
    ['asks for no action', () => param({ Action: undefined })],
    ['is not bound to a cluster', () => param({ 'X-Amz-SignedHeaders': 'host' })],
    ['is bound by what only sounds alike', () => param({ 'X-Amz-SignedHeaders': 'host;x-k8s-aws-id2' })],
    ['says no expiry', () => param({ 'X-Amz-Expires': undefined })],
    ['expires before it begins', () => param({ 'X-Amz-Expires': '-1' })],
    ['expires too late', () => param({ 'X-Amz-Expires': '901' })],
    ['has no number for an expiry', () => param({ 'X-Amz-Expires': '6e1' })],
    ['has no date', () => param({ 'X-Amz-Date': undefined })],
    ['has a date of another form', () => param({ 'X-Amz-Date': '2026-01-01T00:00:00Z' })],
    ['has a date that there is not', () => param({ 'X-Amz-Date': '20260132T000000Z' })],
    ['has expired', () => at(-MINUTES_15 - 1_000)],
    ['is of the future', () => at(MINUTES_15 + 1_000)],
  ])('%s', async (_name, token) => {
    const read = vi.spyOn(told.log, 'read');
    expect(await whoami(told, token())).toBe(401);
    expect({ calls: sts.calls.length, reads: read.mock.calls.length }).toEqual({ calls: 0, reads: 0 });
    read.mockRestore();
  });

  it.each([
    ['at the edge of its time', () => at(-MINUTES_15)],
    ['a little early', () => at(MINUTES_15)],
    ['whose signature is to end in fifteen minutes', () => param({ 'X-Amz-Expires': '900' })],
    ['with names in other letters', () => url((text) => text.replace('Action=', 'ACTION='))],
  ])('%s is as it must be', async (_name, token) => {
    await whoami(told, token());
    expect(sts.calls.length).toBe(1);
  });
});

describe('STS', () => {
  it('is asked as the token says, for this cluster, and once for a token', async () => {
    const told = await serverOf();
    const token = tokenOf('USER');
    await Promise.all(Array.from({ length: 5 }, () => whoami(told, token)));
    expect(await whoami(told, token)).toMatchObject({ username: 'bob' });
    const [call, ...others] = sts.calls;
    expect(others).toEqual([]);
    const target = Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString().replace(`https://${HOST}`, '');
    expect(call).toMatchObject({ method: 'GET', target, headers: { host: HOST, 'x-k8s-aws-id': 'lab', accept: 'application/json' } });
    told.server.clock.advance(15 * 60_000 + 1_000);
    expect(await whoami(told, token)).toBe(401);
  });

  it('knows by the signature that a token is of another cluster, and says so once', async () => {
    const told = await serverOf();
    const token = tokenOf('ADMIN', { cluster: 'other' });
    for (let i = 0; i < 3; i++) expect(await whoami(told, token)).toBe(401);
    expect(sts.calls.length).toBe(1);
    expect(told.problems).toEqual([]);
  });

  it.each<[string, FakeSts['answers'], string | undefined]>([
    ['sends elsewhere', (response) => Boolean(response.writeHead(302, { location: 'https://localhost/' }).end()), undefined],
    ['answers no JSON', (response) => Boolean(response.end('<xml/>')), undefined],
    ['answers nothing of an identity', (response) => Boolean(response.end('{"GetCallerIdentityResponse":null}')), undefined],
    ['answers null', (response) => Boolean(response.end('null')), undefined],
    ['is ill', (response) => Boolean(response.writeHead(503).end()), 'STS answered 503'],
    ['hangs up', (response) => Boolean(response.destroy()), 'socket hang up'],
    ['goes on answering', (response) => Boolean(response.end(' '.repeat(70_000))), 'the answer is larger than 65536 bytes'],
  ])('that %s lets nobody in', async (_name, answers, problem) => {
    const told = await serverOf();
    sts.answers = answers;
    const token = tokenOf('ADMIN');
    expect(await whoami(told, token)).toBe(401);
    expect(told.problems).toEqual(problem === undefined ? [] : [`AWS STS was asked for an identity and gave no answer: ${problem}`]);
    // What gave no answer is asked again; what said no has said no.
    sts.answers = () => false;
    expect(await whoami(told, token)).toEqual(problem === undefined ? 401 : expect.objectContaining({ username: 'admin' }));
  });

  it('is asked about a few tokens at once, and the others are told to wait', async () => {
    const told = await serverOf();
    const held: (() => void)[] = [];
    sts.answers = (response) => Boolean(held.push(() => response.writeHead(403).end()));
    const answers = Array.from({ length: 20 }, (_, i) => whoami(told, tokenOf('USER', { parameters: { 'X-Amz-Security-Token': String(i) } })));
    await expect.poll(() => held.length).toBe(16);
    expect(await Promise.all(answers.slice(16))).toEqual([429, 429, 429, 429]);
    for (const release of held) release();
    expect(new Set(await Promise.all(answers.slice(0, 16)))).toEqual(new Set([401]));
  });

  it('is not asked for a cluster that has no name in EKS', async () => {
    const get = vi.fn();
    const users = new EksUsers({ eksName: () => undefined, region: 'eu-west-1', get, problem: () => undefined });
    expect(await users.authenticate(tokenOf('USER'), { cluster: 'other', now: systemEnv.clock.now() })).toBeUndefined();
    expect(get).not.toHaveBeenCalled();
  });
});

describe('an access policy', () => {
  let told: Told;
  beforeAll(async () => {
    told = await serverOf();
  });

  it.each([
    { key: 'ENTRY', line: 'GET /api/v1/namespaces/team-a/secrets', code: 200 },
    { key: 'ENTRY', line: 'GET /api/v1/namespaces/lab-1-x/secrets', code: 200 },
    { key: 'ENTRY', line: 'GET /api/v1/namespaces/lab-1/secrets', code: 403 },
    { key: 'ENTRY', line: 'GET /api/v1/namespaces/default/secrets', code: 403 },
    { key: 'ENTRY', line: 'GET /api/v1/secrets', code: 403 },
    { key: 'ENTRY', line: 'GET /apis/rbac.authorization.k8s.io/v1/namespaces/team-a/roles', code: 403 },
    { key: 'ENTRY', line: 'GET /api/v1/namespaces/team-a', code: 200 },
    { key: 'VIEWER', line: 'GET /api/v1/pods', code: 200 },
    { key: 'VIEWER', line: 'GET /api/v1/namespaces/default/secrets', code: 403 },
    { key: 'VIEWER', line: 'GET /metrics', code: 403 },
    { key: 'USER', line: 'GET /api/v1/namespaces/default/pods', code: 403 },
  ])('$key: $line: $code', async ({ key, line, code }) => expect((await told.server.request(line, { token: tokenOf(key) })).code).toBe(code));

  it('is listed among what one may do', async () => {
    const review = { token: tokenOf('ENTRY'), body: { spec: { namespace: 'team-a' } } };
    const { json } = await told.server.request('POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review);
    expect(json.status.resourceRules).toContainEqual({ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] });
  });
});
