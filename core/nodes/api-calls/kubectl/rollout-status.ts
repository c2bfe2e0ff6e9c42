import { parseGoDuration } from '../../../kube/go-duration.ts';
import type { DaemonSet, Deployment, StatefulSet } from '../../../schema/generated/kinds.ts';
import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';

/** `kubectl rollout status TYPE/NAME`: waits until it is rolled out, or says why that does not come about (pkg/polymorphichelpers/rollout_status.go). */
export function rolloutStatus(invocation: Invocation, words: readonly string[]): void {
  if (words.length === 0 && !invocation.flags.has('filename')) throw new Failed('error: required resource not specified');
  const { client } = invocation;
  for (const target of invocation.targets(words)) {
    const object = client.get(target);
    client.permit('list', target);
    client.permit('watch', target);
    const status = VIEWERS[target.api.groupResource]?.(object as never);
    if (!status) throw new Failed(`error: no status viewer has been implemented for ${target.api.kind}`);
    if (!status.done && invocation.flag('watch') !== 'false') {
      const timeout = parseGoDuration(invocation.flag('timeout') ?? '0');
      invocation.waits('error: timed out waiting for the condition', timeout || undefined);
      return;
    }
    invocation.write(status.text);
  }
}

interface Viewed {
  readonly text: string;
  readonly done: boolean;
}

const VIEWERS: Readonly<Record<string, (object: never) => Viewed>> = {
  'deployments.apps': ofDeployment,
  'daemonsets.apps': ofDaemonSet,
  'statefulsets.apps': ofStatefulSet,
};

const waiting = (text: string): Viewed => ({ text: `${text}\n`, done: false });
const done = (text: string): Viewed => ({ text: `${text}\n`, done: true });

function ofDeployment({ metadata: { name, generation = 0 }, spec, status = {} }: Deployment): Viewed {
  if (generation > (status.observedGeneration ?? 0)) return waiting('Waiting for deployment spec update to be observed...');
  if (status.conditions?.find(({ type }) => type === 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    throw new Failed(`error: deployment "${name}" exceeded its progress deadline`);
  }
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const begin = `Waiting for deployment "${name}" rollout to finish:`;
  if (updatedReplicas < (spec?.replicas ?? 0)) return waiting(`${begin} ${updatedReplicas} out of ${spec!.replicas} new replicas have been updated...`);
  if (replicas > updatedReplicas) return waiting(`${begin} ${replicas - updatedReplicas} old replicas are pending termination...`);
  if (availableReplicas < updatedReplicas) return waiting(`${begin} ${availableReplicas} of ${updatedReplicas} updated replicas are available...`);
  return done(`deployment "${name}" successfully rolled out`);
}

const ONLY_ROLLING = 'error: rollout status is only available for RollingUpdate strategy type';

function ofDaemonSet({ metadata: { name, generation = 0 }, spec, status }: DaemonSet): Viewed {
  if (spec?.updateStrategy?.type !== 'RollingUpdate') throw new Failed(ONLY_ROLLING);
  if (generation > (status?.observedGeneration ?? 0)) return waiting('Waiting for daemon set spec update to be observed...');
  const { updatedNumberScheduled = 0, desiredNumberScheduled = 0, numberAvailable = 0 } = status!;
  const begin = `Waiting for daemon set "${name}" rollout to finish:`;
  if (updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(`${begin} ${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated...`);
  }
  if (numberAvailable < desiredNumberScheduled) return waiting(`${begin} ${numberAvailable} of ${desiredNumberScheduled} updated pods are available...`);
  return done(`daemon set "${name}" successfully rolled out`);
}

function ofStatefulSet({ metadata: { generation = 0 }, spec, status }: StatefulSet): Viewed {
  if (spec?.updateStrategy?.type !== 'RollingUpdate') throw new Failed(ONLY_ROLLING);
  if (!status?.observedGeneration || generation > status.observedGeneration) return waiting('Waiting for statefulset spec update to be observed...');
  const { replicas = 0, updateStrategy } = spec;
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0, updateRevision, currentRevision } = status;
  if (readyReplicas < replicas) return waiting(`Waiting for ${replicas - readyReplicas} pods to be ready...`);
  const { rollingUpdate } = updateStrategy;
  if (rollingUpdate) {
    const updated = replicas - (rollingUpdate.partition ?? 0);
    if (rollingUpdate.partition !== undefined && updatedReplicas < updated) {
      return waiting(`Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${updated} new pods have been updated...`);
    }
    return done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`);
  }
  if (updateRevision !== currentRevision) {
    return waiting(`waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`);
  }
  return done(`statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...`);
}
