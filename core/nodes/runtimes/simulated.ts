import { createHash } from 'node:crypto';
import type { LifecycleHandler, Probe } from '../../schema/generated/kinds.ts';
import { type ImageReference, imageName } from '../image.ts';
import type { Attempt, ContainerRuntime, Exit, ImageAnswer, Plan } from '../runtime.ts';
import { type CommandResult, resultOfCommand } from './shell.ts';

/**
 * A runtime that runs nothing. What a container would do is read from its command where that is plain (`sleep 30`, `sh -c 'exit 1'`, see
 * shell.ts). Otherwise it is taken for a server, which runs until it is stopped, or for a task, which succeeds after a second:
 * a task is what must end for its pod to go on (an init container) or what its pod does not restart, unless it declares ports or probes.
 *
 * Every image is on every node, except those of hosts under `.invalid`, a domain that never resolves (RFC 2606): the way to see a pull fail.
 */
export const simulatedRuntime: ContainerRuntime = {
  // The protocol that clients expect in container IDs and that kubectl describe prints.
  version: 'containerd://2.1.5',
  plan(attempt) {
    const { command = [], args = [] } = attempt.container;
    const outcome = resultOfCommand([...command, ...args]);
    return { ...endOf(outcome, attempt), passes, hookMs };
  },
  image,
};

const STOP_MS = 1000;
const TASK_MS = 1000;
const SIGTERM = 143;

function endOf(outcome: CommandResult, attempt: Attempt): Pick<Plan, 'ends' | 'stops'> {
  switch (outcome.type) {
    case 'exits':
      return { ends: { afterMs: outcome.afterMs, exitCode: outcome.exitCode }, stops: stopped(SIGTERM) };
    case 'forever':
      return { stops: stopped(SIGTERM) };
    case 'unknown':
      return isTask(attempt) ? { ends: { afterMs: outcome.afterMs + TASK_MS, exitCode: 0 }, stops: stopped(SIGTERM) } : { stops: stopped(0) };
  }
}

const stopped = (exitCode: number): Exit => ({ afterMs: STOP_MS, exitCode });

function isTask({ pod, container, role }: Attempt): boolean {
  if (role === 'init') return true;
  if (role === 'sidecar' || role === 'ephemeral') return false;
  const { ports, livenessProbe, readinessProbe, startupProbe } = container;
  const serves = ports?.length || livenessProbe || readinessProbe || startupProbe || /(^|\/)pause(:|@|$)/.test(container.image ?? '');
  return !serves && (container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always') !== 'Always';
}

/** A server is taken to be healthy; a command that is known to fail, fails. */
function passes({ exec }: Probe): boolean {
  if (!exec?.command) return true;
  const outcome = resultOfCommand(exec.command);
  return outcome.type !== 'exits' || outcome.exitCode === 0;
}

function hookMs({ sleep, exec }: LifecycleHandler): number {
  if (sleep) return sleep.seconds * 1000;
  const outcome = exec?.command ? resultOfCommand(exec.command) : undefined;
  return outcome && outcome.type !== 'forever' ? outcome.afterMs : 0;
}

function image(reference: ImageReference): ImageAnswer {
  const { host, repository, tag, digest } = reference;
  const name = imageName(reference);
  const [domain] = host.split(':');
  if (/(^|\.)invalid$/i.test(domain!)) {
    const manifest = `https://${host}/v2/${repository}/manifests/${digest ?? tag}`;
    return {
      type: 'unavailable',
      error: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": failed to do request: Head "${manifest}": dial tcp: lookup ${domain}: no such host`,
    };
  }
  return { type: 'present', id: `${host}/${repository}@${digest ?? digestOf(name)}`, size: 0 };
}

// Nothing is pulled, so there is no manifest to take a digest of. One name has one digest, on every node and at every time.
const digests = new Map<string, string>();
function digestOf(name: string): string {
  const known = digests.get(name);
  if (known) return known;
  const digest = `sha256:${createHash('sha256').update(name).digest('hex')}`;
  digests.set(name, digest);
  return digest;
}
