import type { Container, EphemeralContainer, PodSpec } from '../../schema/generated/kinds.ts';

/**
 * One control of the Pod Security Standards: the fields that it restricts, and from which version on in which way (Kubernetes documentation, "Pod Security
 * Standards"; k8s.io/pod-security-admission/policy, whose ids these are).
 */
export interface Control {
  readonly id: string;
  /** The controls of baseline are asked of restricted too, except those that a restricted one overrides. */
  readonly level: 'baseline' | 'restricted';
  /** The oldest first. Each holds from `v1.<since>` until the next one does. */
  readonly versions: readonly ControlVersion[];
}

interface ControlVersion {
  readonly since: number;
  readonly check: Check;
  /** The control of baseline in whose place this stands. */
  readonly overrides?: string;
}

/** Why a pod is forbidden; undefined: it is not. */
export type Check = (pod: CheckedPod) => Violation | undefined;

export interface Violation {
  /** What is told of all pods of a namespace together. */
  readonly reason: string;
  /** What is told besides of one pod: which of its parts. */
  readonly detail: string;
}

/** A pod, or the template of one. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** The init containers, the containers and the ephemeral ones. */
  readonly containers: readonly (Container | EphemeralContainer)[];
}

export const isWindows = ({ spec }: CheckedPod): boolean => spec.os?.name === 'windows';

/** A pod with a user namespace of its own: root in it is not root on the node (KEP-127). */
const hasUserNamespace = ({ spec }: CheckedPod): boolean => spec.hostUsers === false;

/** A check from which pods of Windows are exempt: their validation refuses what it asks for. */
export const exceptWindows =
  (check: Check): Check =>
  (pod) =>
    isWindows(pod) ? undefined : check(pod);

/** A check from which pods with a user namespace are exempt. */
export const exceptUserNamespaces =
  (check: Check): Check =>
  (pod) =>
    hasUserNamespace(pod) ? undefined : check(pod);
