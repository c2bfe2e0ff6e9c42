import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdmissionRequest, deny, patch } from '../support/admission-port.ts';
import { binaries } from '../support/binaries.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';
import { type Cluster, type Minor, startCluster } from './cluster.ts';
import { normalise } from './normalise.ts';
import { expected, readSession, type Step, writeSession } from './session.ts';

/**
 * Every session of `recorded/`, typed at a running host with a real kubectl and helm of each version. `UPDATE_GOLDEN=1` writes down what
 * they print now; read the difference before it is committed: the recording says what a user of any Kubernetes cluster sees.
 * `NAME.33.txt` is for the one version alone (of kubectl 1.33 and helm 3, or of kubectl 1.35 and helm 4).
 */
const RECORDED = path.join(import.meta.dirname, 'recorded');
const all: readonly Minor[] = [33, 35];

const sessions = readdirSync(RECORDED)
  .filter((file) => file.endsWith('.txt'))
  .filter((file) => !process.env.SESSION || file.includes(process.env.SESSION))
  .map((file) => {
    const [name, version] = file.split('.');
    return { name: name!, file: path.join(RECORDED, file), versions: version === 'txt' ? all : [Number(version) as Minor] };
  });

/** What these do to a cluster, or see of it, is not of one namespace: they have the clusters for themselves, one after the other, before the others. */
const ALONE = ['cluster', 'plan', 'nodes', 'addresses', 'drain', 'preemption'];

/** In a cluster of its own, where an hour lasts a second and Events stay. */
const IN_HOURS = ['hours'];

describe.skipIf(!binaries(35))('sessions of kubectl and helm (they run on Linux, x64)', () => {
  const clusters = new Map<Minor, Cluster>();
  let webhook: WebhookServer;
  let fast: Cluster | undefined;

  beforeAll(async () => {
    webhook = await webhookServer({ respond });
    await Promise.all(all.map(async (version) => clusters.set(version, await startCluster({ version }))));
    if (sessions.some(({ name }) => IN_HOURS.includes(name))) fast = await startCluster({ args: ['--clock-rate', '3600', '--event-ttl', '0'] });
  });

  afterAll(async () => {
    await webhook.close();
    await Promise.all([...clusters.values(), ...(fast ? [fast] : [])].map((cluster) => cluster[Symbol.asyncDispose]()));
  });

  for (const { name, file, versions } of sessions.toSorted((a, b) => turn(a.name) - turn(b.name))) {
    (ALONE.includes(name) ? it : it.concurrent)(name, async () => {
      const steps = readSession(file);
      const clusterOf = (version: Minor) => (IN_HOURS.includes(name) ? fast! : clusters.get(version)!);
      const outputs = Object.fromEntries(
        await Promise.all(versions.map(async (version) => [version, await typed(clusterOf(version), { name, steps, webhook })])),
      );
      if (process.env.UPDATE_GOLDEN) {
        const lines = steps.map(({ line }) => line);
        writeFileSync(file, writeSession(lines, outputs));
        return;
      }
      for (const version of versions)
        expect(transcript(steps, outputs[version])).toBe(
          transcript(
            steps,
            steps.map((step) => expected(step, version)),
          ),
        );
    });
  }
});

/** The webhook of the sessions, at WEBHOOK_PORT: it says of an object what the object's name says, and takes what it is told of changes. */
function respond(review: object): object {
  if (!('request' in review)) return {};
  const { request, apiVersion } = review as { request: AdmissionRequest; apiVersion: string };
  const said: Readonly<Record<string, object>> = {
    denied: deny({ message: 'this name is taken', code: 409 }),
    patched: patch({ op: 'add', path: '/data/patched', value: 'yes' }),
    warned: { warnings: ['this name is deprecated'] },
  };
  return { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true, ...said[request.name ?? ''] } };
}

const turn = (name: string) => (ALONE.includes(name) ? ALONE.indexOf(name) : ALONE.length);

/**
 * Types a session line by line; what each printed. A line that fails says so at its end. Sessions run side by side: each has its own context, and its own
 * cache of what is served, as kubectl reads all of it anew when a line of another session asks for what it does not know.
 */
async function typed(
  cluster: Cluster,
  { name, steps, webhook: { port, caBundle } }: { name: string; steps: readonly Step[]; webhook: WebhookServer },
): Promise<string[]> {
  const outputs: string[] = [];
  const KUBECONFIG = path.join(cluster.dir, `kubeconfig-${name}`);
  const KUBECACHEDIR = path.join(cluster.dir, `cache-${name}`);
  copyFileSync(cluster.kubeconfig, KUBECONFIG);
  for (const { line } of steps) {
    const { code, text } = await cluster.run(line, { env: { KUBECONFIG, KUBECACHEDIR, WEBHOOK_PORT: String(port), WEBHOOK_CA: caBundle } });
    const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    outputs.push(`${normalise(whole)}${code === 0 ? '' : `[exit ${code}]\n`}`);
  }
  return outputs;
}

const transcript = (steps: readonly Step[], outputs: readonly string[]) => steps.map(({ line }, i) => `$ ${line}\n${outputs[i]}`).join('');
