/** A page whose blocks of commands are run one after the other. */
export interface Followed {
  readonly page: string;
  /** What is there before: the page takes it for granted. */
  readonly before?: string;
  /** What is run before the block that has these words. */
  readonly between?: Readonly<Record<string, string>>;
  /** What stands in a command for something of the reader's, and what it is here. */
  readonly change?: Readonly<Record<string, string | (() => string)>>;
}

/** A host, and kubectl's way to it. */
const host = 'npx logplane up\nexport KUBECONFIG=$PWD/.logplane/kubeconfig';

/** One with a Deployment `web` besides. */
const web = `${host}\nkubectl create deployment web --image=nginx --replicas=2\nkubectl rollout status deployment web`;

/** The newest change of the cluster. */
const NEWEST = "$(kubectl get changes -A -o jsonpath='{.items[0].metadata.name}')";
const now = () => new Date().toISOString();

const FREE_PORT = `node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })"`;

export const followed: readonly Followed[] = [
  {
    page: 'README.md',
    change: {
      'default@2026-11-23T17:00:00Z': () => `default@${now()}`,
      'change 4711': `change ${NEWEST}`,
      NODE: 'node-1',
    },
  },
  { page: 'docs/start.md' },
  { page: 'docs/how-to/labs.md', between: { 'clusters create lab': 'export KUBECONFIG=$PWD/.logplane/kubeconfig' } },
  {
    page: 'docs/how-to/operators.md',
    between: { 'helm template': 'helm create chart', 'crd.yaml': 'cp examples/operator-typescript/crd.yaml .' },
  },
  {
    page: 'docs/how-to/agents.md',
    before: [
      host,
      'kubectl create deployment web --image=nginx --replicas=2 --dry-run=client -o yaml >web.yaml',
      'npx logplane apply -f web.yaml',
      'sed "s/replicas: 2/replicas: 3/" web.yaml >change.yaml',
    ].join('\n'),
  },
  {
    page: 'docs/automation.md',
    before: host,
    // The receiver's port is a free one, and it goes on in the background.
    change: {
      'node docs/examples/automation/receiver.mjs 8080 a-key': `export PORT=$(${FREE_PORT})\nnode docs/examples/automation/receiver.mjs $PORT a-key`,
      'two-of-you-know': 'two-of-you-know >$DOCS/told 2>&1 </dev/null &\necho $! >>$DOCS/pids',
      'kubectl apply -f docs/examples/automation/subscription.yaml': 'sed "s/8080/$PORT/" docs/examples/automation/subscription.yaml | kubectl apply -f -',
    },
    between: { 'kubectl create token': 'until grep -q "/deployments/web by" $DOCS/told; do sleep 0.05; done' },
  },
  {
    page: 'docs/clients.md',
    before: host,
  },
  { page: 'docs/clusters.md', before: host, between: { 'name: anna': 'npx logplane clusters create lab' } },
  {
    page: 'docs/history.md',
    before: `${host}\nkubectl create namespace shop\nkubectl -n shop create deployment web --image=nginx`,
    change: {
      'kubectl get changes -A -w --watch-only': 'timeout 1 kubectl get changes -A -w --watch-only || [ $? = 124 ]',
      'change 4711': `change ${NEWEST}`,
      '2026-11-26T10:00:00Z': now,
    },
  },
  { page: 'docs/load.md', before: web },
  {
    page: 'docs/nodes.md',
    before: 'npx logplane up --nodes 2\nexport KUBECONFIG=$PWD/.logplane/kubeconfig',
    between: { 'static-pods': 'kubectl run a --image=nginx --dry-run=client -o yaml >kube-proxy.yaml' },
  },
  { page: 'docs/page.md', before: host },
  { page: 'docs/plans.md', before: host, change: { NODE: "$(kubectl get nodes -o jsonpath='{.items[0].metadata.name}')" } },
  {
    page: 'docs/security.md',
    before: `${host}\nopenssl req -new -newkey rsa:2048 -nodes -keyout alice.key -subj /CN=alice -out alice.csr 2>/dev/null
cat >alice.yaml <<EOF
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: alice}
spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: $(base64 -w0 alice.csr)}
EOF`,
  },
  { page: 'docs/undo.md', before: web, change: { '2026-11-23T17:00:00Z': now } },
];

/** Blocks of a page, all or those that have these words, that are not run. */
export const notRun: readonly { readonly page: string; readonly has?: string; readonly why: string }[] = [
  { page: 'docs/cli.md', why: 'examples about clusters of the reader; that the command line takes them, cli-examples.test.ts says' },
  { page: 'docs/deploy.md', why: 'needs an account of AWS; test/infra evaluates what it deploys' },
  { page: 'README.md', has: 'npx sst deploy', why: 'the same' },
  { page: 'docs/automation.md', has: 'aws events', why: 'needs an account of AWS' },
  { page: 'docs/comparison.md', has: 'build-binaries', why: 'builds Kubernetes, for minutes' },
  {
    page: 'docs/comparison.md',
    has: 'bench:api-server',
    why: 'takes as long as it measures, and a cluster of the reader: test/documentation/comparison.test.ts runs it on a small load',
  },
  { page: 'docs/ci.md', has: 'docker', why: 'needs Docker; test/ci lints the Dockerfile' },
  { page: 'docs/testing.md', has: 'go test', why: 'needs Go and its modules: examples/try.sh runs it' },
  { page: 'docs/testing.md', has: 'chainsaw', why: 'needs Chainsaw: examples/try.sh runs it' },
  { page: 'docs/testing.md', has: 'kuttl', why: 'needs kuttl: examples/try.sh runs it' },
  { page: 'docs/clients.md', has: 'k9s --context', why: 'needs k9s and a terminal; test/conformance/dashboards.test.ts sends what it asks' },
  { page: 'docs/clients.md', has: 'headlamp-server', why: 'needs Headlamp; the same test sends what it asks' },
];
