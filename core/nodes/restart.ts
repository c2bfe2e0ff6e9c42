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
  const policy = policyOf({ role, container }, pod);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether a container that the kubelet has stopped itself, for its probe or its hook, is started again: however it ended. */
export const restartsWhenKilled = (member: Member, pod: Pod): boolean => member.role === 'sidecar' || policyOf(member, pod) !== 'Never';

const policyOf = ({ container }: Member, { spec }: Pod): string => container.restartPolicy ?? spec?.restartPolicy ?? 'Always';

const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

/**
 * How long after its end a container is started again: at once for the first time, then 10 s, 20 s, 40 s … 5 min. A run of more than
 * 10 min is forgiven. (The kubelet counts from such a run on; here the restarts before it still count for the one after the next.)
 */
export function backOffMs({ restartCount, state, lastState }: ContainerStatus): number {
  const ended = state?.terminated ?? lastState?.terminated;
  if (restartCount === 0 || !ended) return 0;
  // What did not start has a start of 1970.
  const started = Date.parse(ended.startedAt!);
  if (started > 0 && Date.parse(ended.finishedAt!) - started > 2 * MAX_MS) return 0;
  return Math.min(INITIAL_MS * 2 ** (restartCount - 1), MAX_MS);
}

/**
 * When the tries after the first one come, in ms after that: `initial` later, twice that after the next, … and every `max` then; by default 10 s, 20 s, 40 s … 5 min.
 * The last that is due, the next one, and how many there were.
 */
export function tries(elapsedMs: number, { initial = INITIAL_MS, max = MAX_MS } = {}): { last: number; next: number; count: number } {
  let [last, delay, count] = [0, initial, 1];
  while (last + delay <= elapsedMs && delay < max) [last, delay, count] = [last + delay, Math.min(delay * 2, max), count + 1];
  const more = delay === max ? Math.max(0, Math.floor((elapsedMs - last) / max)) : 0;
  last += more * max;
  return { last, next: last + delay, count: count + more };
}
