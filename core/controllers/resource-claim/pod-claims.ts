import { claimNamedBy, isMadeFor, isReservedFor } from '../../apis/core/pod-resource-claim-names.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { controllerOf, controllerRef, type Key, keyOf } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type {
  Pod,
  PodResourceClaim,
  PodResourceClaimStatus,
  ResourceResourceClaim as ResourceClaim,
  ResourceClaimTemplate,
} from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';

const CLAIMS = 'resourceclaims.resource.k8s.io';
/** An annotation of a claim: for which of the pod's claims it was made. */
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';

/** Makes the ResourceClaims of pods from their templates, and writes pods that have a node already into their claims (pkg/controller/resourceclaim, syncPod). */
export const podClaims: Controller<Pod> = {
  name: 'resource-claim-controller',
  resource: 'pods',
  watches: {
    [CLAIMS]: ({ object }, state) => {
      const owner = controllerOf(object);
      const owning = owner?.kind === 'Pod' ? [keyOf('pods', object.metadata.namespace, owner.name)] : [];
      return [...owning, ...podsUsing(claimKey(object), state)];
    },
    'resourceclaimtemplates.resource.k8s.io': ({ object }, state) => podsUsing(templateKey(object.metadata), state),
  },
  reconcile({ object: pod, state, now, env }): ControllerResult {
    if (!pod?.spec?.resourceClaims?.length || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return nothing;
    const recorder = new EventRecorder({ state, component: 'resource_claim', now, env });
    const created: Mutation[] = [];
    const found: PodResourceClaimStatus[] = [];
    for (const entry of pod.spec.resourceClaims) {
      if (entry.resourceClaimTemplateName === undefined || hasClaim(pod, entry, state)) continue;
      const existing = madeFor(pod, entry, state);
      const made = existing ?? claimFrom(pod, entry, state);
      if (existing) found.push({ name: entry.name, resourceClaimName: existing.metadata.name });
      else if (typeof made !== 'string') created.push(creation(CLAIMS, made));
      else {
        recorder.warningOnce(pod, 'FailedResourceClaimCreation', `PodResourceClaim ${entry.name}: ${made}`);
        break;
      }
    }
    const written = found.length > 0 ? statusUpdate('pods', pod, { ...pod.status, resourceClaimStatuses: withClaims(pod, found) }) : [];
    return { mutations: [...created, ...written, ...reservations(pod, state), ...recorder.mutations()] };
  },
};

const claimKey = ({ metadata: { namespace, name } }: ResourceClaim): string => `claim ${namespace}/${name}`;
const templateKey = ({ namespace, name }: ResourceClaimTemplate['metadata']): string => `template ${namespace}/${name}`;

/** The pods that name a claim, or a template that claims are made from. */
const podsUsing = (key: string, state: State): readonly Key[] => state.keys(podsByClaim, key);

export const podsByClaim = index(['pods'], (_key, pod) => {
  const { namespace } = pod.metadata;
  return (pod.spec?.resourceClaims ?? []).flatMap((entry) => {
    const named = claimNamedBy(pod, entry);
    const { resourceClaimTemplateName } = entry;
    return [
      ...(named.type === 'named' ? [`claim ${namespace}/${named.name}`] : []),
      ...(resourceClaimTemplateName === undefined ? [] : [templateKey({ namespace: namespace!, name: resourceClaimTemplateName })]),
    ];
  });
});

/** Whether the pod's status names a claim that was made for it, or says that there is to be none. */
function hasClaim(pod: Pod, entry: PodResourceClaim, state: State): boolean {
  const named = claimNamedBy(pod, entry);
  if (named.type !== 'named') return named.type === 'none';
  const claim = state.get(CLAIMS, pod.metadata.namespace, named.name);
  return claim !== undefined && isMadeFor(claim, pod);
}

const madeFor = (pod: Pod, { name }: PodResourceClaim, state: State): ResourceClaim | undefined =>
  (state.by('owner', pod.metadata.uid!) as readonly ResourceClaim[]).find(
    (owned) => owned.kind === 'ResourceClaim' && isMadeFor(owned, pod) && owned.metadata.annotations?.[POD_CLAIM_NAME] === name,
  );

/** A text: why none can be made. */
function claimFrom(pod: Pod, { name, resourceClaimTemplateName }: PodResourceClaim, state: State): ResourceClaim | string {
  const { namespace } = pod.metadata;
  const template = state.get('resourceclaimtemplates.resource.k8s.io', namespace, resourceClaimTemplateName!);
  if (!template) {
    const quoted = JSON.stringify(resourceClaimTemplateName);
    return `resource claim template ${quoted}: resourceclaimtemplate.resource.k8s.io ${quoted} not found`;
  }
  const { metadata = {}, spec } = template.spec as { metadata?: Partial<ResourceClaim['metadata']>; spec: ResourceClaim['spec'] };
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name: '',
      generateName: baseName(pod.metadata.name, name),
      namespace: namespace!,
      ...(metadata.labels && { labels: metadata.labels }),
      annotations: { ...metadata.annotations, [POD_CLAIM_NAME]: name },
      ownerReferences: [controllerRef(pod)],
    },
    spec,
  };
}

/** `pod-claim-`; where that leaves no room for a suffix, as much of each as is in proportion to their lengths. */
export function baseName(pod: string, claim: string): string {
  const whole = `${pod}-${claim}-`;
  if (whole.length <= MAX_BASE) return whole;
  const shortened = (name: string) => name.slice(0, Math.floor((name.length * MAX_BASE) / whole.length));
  return `${shortened(pod)}-${shortened(claim)}`;
}

/** Of the 63 characters of a name, 5 are by chance, and one is a hyphen. */
const MAX_BASE = 57;

const withClaims = ({ status }: Pod, found: readonly PodResourceClaimStatus[]): PodResourceClaimStatus[] => [
  ...(status?.resourceClaimStatuses ?? []).filter(({ name }) => !found.some((other) => other.name === name)),
  ...found,
];

/** A pod that no scheduler has placed is written into its claims here, where they have devices. */
function reservations(pod: Pod, state: State): Mutation[] {
  if (!pod.spec!.nodeName) return [];
  return pod.spec!.resourceClaims!.flatMap((entry) => {
    const named = claimNamedBy(pod, entry);
    const claim = named.type === 'named' ? state.get(CLAIMS, pod.metadata.namespace, named.name) : undefined;
    if (!claim?.status?.allocation || isReservedFor(claim, pod) || (named.type === 'named' && named.isGenerated && !isMadeFor(claim, pod))) return [];
    const { name, uid } = pod.metadata;
    return statusUpdate(CLAIMS, claim, { ...claim.status, reservedFor: [...(claim.status.reservedFor ?? []), { resource: 'pods', name, uid: uid! }] });
  });
}
