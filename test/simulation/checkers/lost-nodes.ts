import { parseKey } from '../../../core/kube/object.ts';
import type { Node, Pod, Taint } from '../../../core/schema/generated/kinds.ts';
import { isLost, LOST, LOST_FOR_LONG_MS } from '../operations/lost-nodes.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker, Evidence } from './checker.ts';
import { isFinished } from './quantities.ts';

/**
 * From the loss of a node to its return its agent says nothing of pods. The node becomes Unknown once Kubernetes' grace period is over, and not before; then its pods become
 * not ready, and wait in Terminating. A node that is back is Ready in the end, without taints that keep pods off (docs/nodes.md, "Losing machines").
 */
export const lostNodes: Checker = {
  name: 'lost nodes',
  *check(evidence) {
    const { replay } = evidence;
    const lost = new Set<string>();
    // Up to when its agent was heard of, in whole seconds, as the agent writes it down; that it is heard of again is when it takes that away.
    const heardUntil = new Map<string, number>();
    for (const version of replay.versions) {
      const { key, offset, actor, time } = version;
      const agent = AGENT.exec(actor.username)?.[1];
      if (agent && key.startsWith('pods/') && lost.has(agent)) yield `${agent}, which is lost, tells of ${key} at ${offset}`;
      if (!key.startsWith('nodes/')) continue;
      if (isReturn(version) && wasLostForLong(version, evidence)) yield* podsLost(version, replay);
      const { name } = parseKey(key);
      if (isToldUnknown(version)) {
        const heard = time - (heardUntil.get(name) ?? time);
        if (heard < GRACE_MS) yield `${name} is told at ${offset} not to have been heard of, ${heard} ms after it was`;
      }
      const node = version.type === 'DELETED' ? undefined : (version.object as Node);
      if (node && isLost(node)) lost.add(name);
      else lost.delete(name);
      if (!node || (!isLost(node) && !node.metadata.annotations?.[SINCE])) heardUntil.delete(name);
      else if (!heardUntil.has(name)) heardUntil.set(name, Math.floor(time / 1000) * 1000);
    }
    for (const node of replay.list('nodes')) if (!isLost(node)) yield* stillLost(node);
  },
};

const SINCE = `${LOST}-since`;
const AGENT = /^system:node:(.+)$/;
/** kube-controller-manager, `--node-monitor-grace-period`. */
const GRACE_MS = 50_000;

const UNREACHABLE = 'node.kubernetes.io/unreachable';

const readyOf = (object: Node | Pod | undefined): string | undefined => object?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;

const isToldUnknown = ({ type, object, previous }: Version): boolean =>
  type === 'MODIFIED' && readyOf(object as Node) === 'Unknown' && readyOf(previous as Node) === 'True';

const isReturn = ({ object, previous }: Version): boolean => previous !== undefined && isLost(previous as Node) && !isLost(object as Node);

/** Whether its loss was told, and nothing else has gone wrong since, for as long as the last of its pods is given. */
function wasLostForLong({ key, offset, time }: Version, { replay, entries, writtenAt, history }: Evidence): boolean {
  const told = toldBefore({ key, offset }, replay);
  const entry = entries.findLast((entry) => entry.offset <= offset)!;
  return told !== undefined && Math.min(time - told.time, writtenAt.get(entry)! - history.calmSince) >= LOST_FOR_LONG_MS;
}

/** When a node's last loss was told. */
const toldBefore = ({ key, offset }: Pick<Version, 'key' | 'offset'>, replay: Replay): Version | undefined =>
  replay.of(key).findLast((version) => version.offset < offset && isToldUnknown(version));

/** What is wrong with the pods of a node that comes back at an offset. Where it was not the only one that was lost, its pods may have been left to it: where all zones are, nothing is evicted. */
function* podsLost({ key, object, offset }: Version, replay: Replay): Generator<string> {
  const { name } = object.metadata;
  const before = offset - 1;
  const told = toldBefore({ key, offset }, replay)!.offset;
  const since = replay.versions.filter((version) => version.offset > told && version.offset < offset && version.key.startsWith('nodes/'));
  const isAlone = [...replay.list('nodes', { offset: told }), ...since.map(({ object }) => object as Node)].every(
    (node) => node.metadata.name === name || readyOf(node) === 'True',
  );
  for (const pod of replay.list('pods', { offset: before })) {
    if (pod.spec!.nodeName !== name || isFinished(pod)) continue;
    if (readyOf(pod) === 'True') yield `${pod.metadata.name} was ready up to ${offset} on ${name}, which was lost`;
    if (isAlone && !pod.metadata.deletionTimestamp && !staysForGood(pod)) yield `${pod.metadata.name} was left up to ${offset} on ${name}, which was lost`;
  }
}

/** As a DaemonSet's pod does. */
const staysForGood = ({ spec }: Pod): boolean =>
  spec!.tolerations?.some(({ key, effect, tolerationSeconds }) => key === UNREACHABLE && effect === 'NoExecute' && tolerationSeconds === undefined) ?? false;

function* stillLost(node: Node): Generator<string> {
  const { name, annotations } = node.metadata;
  // One that no agent has registered was never there.
  if (!node.status?.allocatable) return;
  if (readyOf(node) !== 'True') yield `${name} is back, and its Ready condition is ${readyOf(node)}`;
  if (annotations?.[SINCE]) yield `${name} is back, and has not said so`;
  const taint: Taint | undefined = node.spec?.taints?.find(({ key }) => /^node\.kubernetes\.io\/(unreachable|not-ready)$/.test(key));
  if (taint) yield `${name} is back, and has the taint ${taint.key}:${taint.effect}`;
}
