import type { KubeObject } from '../../kube/object.ts';
import type { PodSpec } from '../../schema/generated/kinds.ts';
import type { Violation } from './control.ts';
import { checksAt } from './controls.ts';
import type { LevelVersion } from './policy.ts';

/** What pods are held against a level by: the pod itself, or the template of one. */
export interface PodLike {
  readonly metadata?: Pick<KubeObject['metadata'], 'annotations'>;
  readonly spec?: PodSpec;
}

/** What a level forbids of a pod. */
export function violationsOf({ metadata, spec = { containers: [] } }: PodLike, at: LevelVersion): readonly Violation[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec;
  const pod = { annotations: metadata?.annotations ?? {}, spec, containers: [...initContainers, ...containers, ...ephemeralContainers] };
  return checksAt(at).flatMap((check) => check(pod) ?? []);
}

export const reasonsOf = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ');

export const detailsOf = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
