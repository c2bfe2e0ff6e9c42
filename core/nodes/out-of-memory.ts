import { clusterInstant } from '../instant.ts';
import { value } from '../kube/quantity.ts';
import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { memoryOf } from '../usage/container-usage.ts';
import { startOf, terminatedStatus } from './container-status.ts';
import type { Member } from './containers-of.ts';
import type { Sync } from './sync.ts';

/** What a container that runs comes to when it uses more memory than its limit allows: the kernel kills it. Undefined while it does not. */
export function outOfMemory({ container }: Member, status: ContainerStatus, { pod, node, state, now, enqueueAt }: Sync): ContainerStatus | undefined {
  const limit = container.resources?.limits?.['memory'] ?? pod.spec!.resources?.limits?.['memory'];
  if (limit === undefined) return undefined;
  const memory = memoryOf({ pod, container, node }, { state, now: clusterInstant(now), changesAt: enqueueAt });
  if (memory <= value(limit)) return undefined;
  const taken = startOf(status) + TAKES_MS;
  if (now < taken) {
    enqueueAt(taken);
    return undefined;
  }
  const ended = terminatedStatus(status, { exitCode: KILLED, at: now });
  return { ...ended, state: { terminated: { ...ended.state!.terminated!, reason: 'OOMKilled' } } };
}

/** SIGKILL */
const KILLED = 137;
/** How long a program takes until it has asked for the memory that it wants, in ms. */
const TAKES_MS = 1_000;
