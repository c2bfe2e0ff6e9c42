import { parseKey } from '../../../core/kube/object.ts';
import type { Deployment, HorizontalPodAutoscaler } from '../../../core/schema/generated/kinds.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * An autoscaler wants, and sets, a number of replicas within its bounds as they are right before; in the end its target is within them. A target that was scaled to none
 * is left alone (Kubernetes documentation, "Horizontal Pod Autoscaling").
 */
export const autoscaling: Checker = {
  name: 'autoscaling',
  *check({ replay }) {
    for (const version of replay.versions) {
      if (version.type !== 'MODIFIED' || version.actor.username !== AUTOSCALER) continue;
      const { key, offset, object, previous } = version;
      for (const autoscaler of autoscalersOf(version, replay)) {
        const replicas = replicasOf(object as Scaled);
        if (replicas !== replicasOf(previous as Scaled) && !isWithin(autoscaler, replicas))
          yield `${key} is scaled at ${offset} to ${replicas}, out of ${boundsOf(autoscaler)}`;
      }
    }
    for (const autoscaler of replay.list(AUTOSCALERS)) {
      const { kind, name } = autoscaler.spec.scaleTargetRef;
      const target = replay.get(`${kind.toLowerCase()}s.apps/${autoscaler.metadata.namespace}/${name}`) as Deployment | undefined;
      const replicas = target?.spec?.replicas ?? 0;
      if (replicas > 0 && !isWithin(autoscaler, replicas)) yield `${name} has ${replicas} replicas in the end, out of ${boundsOf(autoscaler)}`;
    }
  },
};

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
const AUTOSCALER = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';

/** What an autoscaler writes: its target, and its own status. */
type Scaled = Deployment | HorizontalPodAutoscaler;

const replicasOf = (object: Scaled): number =>
  object.kind === 'Deployment' ? (object as Deployment).spec!.replicas! : ((object as HorizontalPodAutoscaler).status?.desiredReplicas ?? 0);

/** Those that an object is the target of, or which it is. */
function autoscalersOf({ key, object, offset }: Version, replay: Replay): HorizontalPodAutoscaler[] {
  const { namespace, name } = parseKey(key);
  const all = replay.list(AUTOSCALERS, { namespace, offset: offset - 1 });
  return all.filter(({ kind, metadata, spec }) =>
    object.kind === kind ? metadata.name === name : object.kind === spec.scaleTargetRef.kind && spec.scaleTargetRef.name === name,
  );
}

const isWithin = ({ spec }: HorizontalPodAutoscaler, replicas: number): boolean => replicas >= (spec.minReplicas ?? 1) && replicas <= spec.maxReplicas;

const boundsOf = ({ metadata, spec }: HorizontalPodAutoscaler): string => `${spec.minReplicas ?? 1} to ${spec.maxReplicas} of ${metadata.name}`;
