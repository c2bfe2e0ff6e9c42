import { parseGoDuration } from '../kube/go-duration.ts';
import type { Container, ContainerRestartRule, ContainerStateTerminated, ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import type { Member } from './containers-of.ts';

/**
 * Whether a container that ended with `exitCode` is started again, by the first of its rules that fits, its own restart policy
 * (KEP 5307) or the pod's. An init container that succeeded is not restarted under any policy; a sidecar always is.
 */
export function restarts({ role, container }: Member, pod: Pod, exitCode: number): boolean {
  if (role === 'sidecar') return true;
  if (role === 'ephemeral' || (role === 'init' && exitCode === 0)) return false;
  // To restart, or to restart all: there is no other action.
  if (ruleFor(container, exitCode)) return true;
  const policy = policyOf({ role, container }, pod);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** The first of a container's rules that an exit code meets (pkg/api/v1/pod, FindMatchingContainerRestartRule). */
export const ruleFor = ({ restartPolicyRules }: Container, exitCode: number): ContainerRestartRule | undefined =>
  restartPolicyRules?.find(({ exitCodes }) => exitCodes && (exitCodes.values?.includes(exitCode) ?? false) === (exitCodes.operator === 'In'));

/** Whether a container that the kubelet has stopped itself, for its probe, is started again: however it ended. */
export const restartsWhenKilled = (member: Member, pod: Pod): boolean => member.role === 'sidecar' || policyOf(member, pod) !== 'Never';

const policyOf = ({ container }: Member, { spec }: Pod): string => container.restartPolicy ?? spec?.restartPolicy ?? 'Always';

const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

/**
 * From when on a container that has ended may be started again, in ms since the epoch, and how long it backs off then (client-go's flowcontrol.Backoff, as
 * kuberuntime's doBackOff uses it): at once for the first time, then 10 s, 20 s, 40 s … 5 min after its end; a run of more than 10 min has it begin anew. One that the kubelet
 * has killed itself is started at once when the end of the run before is as long ago as that.
 */
export function backOffOf(status: ContainerStatus, { killed = false } = {}): { from: number; delayMs: number } {
  const { state, lastState } = status;
  const ended = state?.terminated ?? lastState?.terminated;
  if (!ended?.finishedAt) return { from: 0, delayMs: 0 };
  const delayMs = delayOf(status, killed);
  const end = Date.parse(ended.finishedAt);
  const since = killed && lastState?.terminated?.finishedAt ? Date.parse(lastState.terminated.finishedAt) : end;
  return end >= since + delayMs ? { from: 0, delayMs } : { from: end + delayMs, delayMs };
}

/** What is not kept from start to start is read of what is: how long the last start has waited says how long the next one does. */
function delayOf({ restartCount, state, lastState }: ContainerStatus, killed: boolean): number {
  const told = BACK_OFF.exec(state?.waiting?.message ?? '');
  if (told) return parseGoDuration(told[1]!) ?? 0;
  const byCount = restartCount === 0 ? 0 : doubled(restartCount - 1);
  const [run, before] = [state?.terminated, lastState?.terminated];
  // What did not start has a start of 1970, and tells nothing.
  if (!run?.startedAt || Date.parse(run.startedAt) === 0) return byCount;
  if (isLong(run) || !before?.finishedAt) return 0;
  const waited = Date.parse(run.startedAt) - Date.parse(before.finishedAt);
  if (waited >= INITIAL_MS) return Math.min(doubled(Math.floor(Math.log2(waited / INITIAL_MS)) + 1), byCount);
  if (isLong(before)) return INITIAL_MS;
  if (restartCount === 1) return killed ? 0 : INITIAL_MS;
  // It was killed, and started at once.
  return doubled(restartCount - 2);
}

const BACK_OFF = /^back-off (\S+) restarting/;
const doubled = (times: number): number => Math.min(INITIAL_MS * 2 ** Math.max(0, times), MAX_MS);

const isLong = ({ startedAt, finishedAt }: ContainerStateTerminated): boolean =>
  Boolean(startedAt && Date.parse(startedAt) > 0 && finishedAt) && Date.parse(finishedAt!) - Date.parse(startedAt!) > 2 * MAX_MS;

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
