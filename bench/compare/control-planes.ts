import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import v8Flags from '../../local/v8-flags.json' with { type: 'json' };
import { bundled } from '../../scripts/bundle-sources.mjs';
import { Connection } from './connection.ts';
import { freePort, type Processes, residentMemory } from './processes.ts';

/** A control plane that is started: `ready` resolves when it has nodes that are Ready. What it tells on the way is in `figures`. */
export interface Started {
  readonly server: Connection;
  readonly figures: Record<string, number>;
}

const NODES = 20;

/** Logplane as `npm start` runs it, with an empty data directory on the disk. */
export async function logplane(dir: string, processes: Processes): Promise<Started> {
  const root = path.resolve(import.meta.dirname, '../..');
  const program = await bundled(root, 'local/cli.ts');
  const port = await freePort();
  const kubeconfig = path.join(dir, 'data/kubeconfig');
  const started = performance.now();
  processes.start(process.execPath, ...v8Flags, program, 'up', '--nodes', String(NODES), '--port', String(port), '--data', path.join(dir, 'data'));
  const server = await processes.until(() => answering(kubeconfig));
  const figures: Record<string, number> = { first_request_s: since(started) };
  await processes.until(() => nodesReady(server));
  return { server, figures: { ...figures, nodes_ready_s: since(started), memory_idle_mb: residentMemory(processes.pids) } };
}

/**
 * kube-apiserver and etcd, as envtest starts them, until a request is answered; then the controller manager, the scheduler and kwok, as `kwokctl` does, until the nodes are Ready. The binaries are those of a
 * folder. etcd waits for the disk; the controllers' own limits of requests are lifted.
 */
export async function kubernetes(binaries: string, dir: string, processes: Processes): Promise<Started> {
  const binary = (name: string) => path.join(binaries, name);
  const [client, peer, port, controllers, scheduler] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
  const key = path.join(dir, 'service-accounts.pem');
  writeFileSync(key, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const tokens = path.join(dir, 'tokens.csv');
  writeFileSync(tokens, `${TOKEN},admin,admin,system:masters\n`);
  const kubeconfig = path.join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(`https://127.0.0.1:${port}`));

  const started = performance.now();
  const etcd = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  processes.start(
    binary('etcd'),
    `--data-dir=${dir}/etcd`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  );
  processes.start(
    binary('kube-apiserver'),
    `--etcd-servers=${etcd}`,
    `--bind-address=127.0.0.1`,
    `--secure-port=${port}`,
    `--cert-dir=${dir}/certificates`,
    `--token-auth-file=${tokens}`,
    `--authorization-mode=RBAC`,
    `--service-account-issuer=https://kubernetes.default.svc`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--service-cluster-ip-range=10.0.0.0/24`,
  );
  const server = await processes.until(() => answering(kubeconfig));
  const figures: Record<string, number> = { first_request_s: since(started), memory_two_mb: residentMemory(processes.pids) };

  const unlimited = ['--kube-api-qps=10000', '--kube-api-burst=10000', '--leader-elect=false', '--bind-address=127.0.0.1'];
  processes.start(
    binary('kube-controller-manager'),
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${key}`,
    `--secure-port=${controllers}`,
    `--cert-dir=${dir}/controllers`,
    ...unlimited,
  );
  processes.start(binary('kube-scheduler'), `--kubeconfig=${kubeconfig}`, `--secure-port=${scheduler}`, `--cert-dir=${dir}/scheduler`, ...unlimited);
  processes.start(
    binary('kwok'),
    `--kubeconfig=${kubeconfig}`,
    `--config=${binary('kwok-stages.yaml')}`,
    '--manage-all-nodes',
    '--node-lease-duration-seconds=40',
  );
  await Promise.all(Array.from({ length: NODES }, (_, i) => server.call('POST', '/api/v1/nodes', node(`node-${i + 1}`))));
  await processes.until(() => nodesReady(server));
  return { server, figures: { ...figures, nodes_ready_s: since(started), memory_idle_mb: residentMemory(processes.pids) } };
}

/** `Kubernetes v1.36.0`, `etcd Version: 3.6.16` and the like: the version of each. */
export const versionsOf = (binaries: string): Record<string, string> =>
  Object.fromEntries(
    ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'].map((name) => [
      name,
      /v?(\d+\.\d+\.\d+)/.exec(execFileSync(path.join(binaries, name), ['--version'], { encoding: 'utf8' }))![1]!,
    ]),
  );

const TOKEN = 'a-token-for-this-measurement';

const kubeconfigFor = (server: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'measured', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: TOKEN } }],
    contexts: [{ name: 'measured', context: { cluster: 'measured', user: 'admin' } }],
    'current-context': 'measured',
  });

/** As large as those that Logplane makes. */
const node = (name: string) => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name }, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
  status: { allocatable: SIZE, capacity: SIZE },
});

const SIZE = { cpu: '32', memory: '256Gi', pods: '110' };

async function answering(kubeconfig: string): Promise<Connection | undefined> {
  const server = await Connection.of(kubeconfig);
  try {
    await server.call('GET', '/api/v1/nodes');
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

async function nodesReady(server: Connection): Promise<true | undefined> {
  const { items } = await server.call<{ items: { status: { conditions?: { type: string; status: string }[] } }[] }>('GET', '/api/v1/nodes');
  const ready = items.filter(({ status }) => status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));
  return ready.length === NODES || undefined;
}

const since = (started: number): number => (performance.now() - started) / 1000;
