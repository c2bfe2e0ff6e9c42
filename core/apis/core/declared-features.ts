import { same } from '../../kube/object.ts';
import type { Node, Pod, PodSpec } from '../../schema/generated/kinds.ts';

/** What a pod needs its node's kubelet to be able to do, as the Node's `status.declaredFeatures` says it (KEP 5328; component-helpers/nodedeclaredfeatures). */
interface DeclaredFeature {
  readonly name: string;
  /** Whether a pod cannot run without it. */
  readonly toRun?: (spec: PodSpec) => boolean;
  /** Whether a pod that runs cannot become another without it. */
  readonly toChange?: (spec: PodSpec, before: PodSpec) => boolean;
}

/** Those of 1.36 whose feature gates are on unless an operator says otherwise, by their names. */
const features: readonly DeclaredFeature[] = [
  { name: 'ExtendWebSocketsToKubelet' },
  { name: 'InPlacePodLevelResourcesVerticalScaling', toChange: (spec, before) => !same(spec.resources, before.resources) },
  {
    name: 'InPlacePodVerticalScalingInitContainers',
    toChange: ({ initContainers: now = [] }, { initContainers: before = [] }) =>
      before.some((container, i) => container.restartPolicy !== 'Always' && !same(container.resources, now[i]?.resources)),
  },
  {
    name: 'RestartAllContainersOnContainerExits',
    toRun: ({ containers, initContainers = [] }) =>
      [...containers, ...initContainers].some(({ restartPolicyRules = [] }) => restartPolicyRules.some(({ action }) => action === 'RestartAllContainers')),
  },
];

/** What a kubelet of this release declares. */
export const DECLARED_FEATURES: readonly string[] = features.map(({ name }) => name);

export const featuresToRun = ({ spec }: Pod): string[] => features.flatMap(({ name, toRun }) => (toRun?.(spec!) ? [name] : []));

export const featuresToChange = (pod: Pod, before: Pod): string[] =>
  features.flatMap(({ name, toChange }) => (toChange?.(pod.spec!, before.spec!) ? [name] : []));

/** Those that a node does not declare. */
export function undeclared(needed: readonly string[], { status }: Node): string[] {
  const declared = status?.declaredFeatures ?? [];
  return needed.filter((name) => !declared.includes(name));
}
