import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import type { Member } from './containers-of.ts';

/**
 * Whether a container that ended with `exitCode` is started again, by the first of its rules that fits, its own restart policy
 * (KEP 5307) or the pod's. An init container that succeeded is not restarted under any policy; a sidecar always is.
 */
export function restarts({ role, container }: Member, pod: Pod, exitCode: number): boolean {
  if (role === 'sidecar') return true;
  if (role === 'ephemeral' || (role === 'init' && exitCode === 0)) return false;
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    if (action === 'Restart' && exitCodes && listed === (exitCodes.operator === 'In')) return true;
  }
  const policy = container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

/**
 * How long after its end a container is started again: at once for the first time, then 10 s, 20 s, 40 s … 5 min. A run of more than
 * 10 min is forgiven. (The kubelet counts from such a run on; here the restarts before it still count for the one after the next.)
 */
export function backOffMs({ restartCount, state, lastState }: ContainerStatus): number {
  const ended = state?.terminated ?? lastState?.terminated;
  if (restartCount === 0 || !ended) return 0;
  if (Date.parse(ended.finishedAt!) - Date.parse(ended.startedAt!) > 2 * MAX_MS) return 0;
  return Math.min(INITIAL_MS * 2 ** (restartCount - 1), MAX_MS);
}
