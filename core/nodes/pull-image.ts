import { goDuration } from '../kube/go-duration.ts';
import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import { waitingStatus } from './container-status.ts';
import type { Member } from './containers-of.ts';
import { eligibleSince } from './eligible-since.ts';
import { type ImageReference, imageName, parseImage } from './image.ts';
import { normal, type PodEvent, warning } from './pod-events.ts';
import { credentialsOf, missingSecrets } from './pull-secrets.ts';
import { tries } from './restart.ts';
import type { ImageAnswer } from './runtime.ts';
import type { Sync } from './sync.ts';

/** An image that is on the node now, with what is to be told of that; or why its container waits. */
export type PulledImage =
  | { readonly type: 'here'; readonly reference: ImageReference; readonly id: string; readonly events: readonly PodEvent[] }
  | { readonly type: 'waiting'; readonly status: ContainerStatus };

/** The kubelet's image manager (pkg/kubelet/images/image_manager.go, EnsureImageExists). */
export function pullImage(member: Member, status: ContainerStatus, sync: Sync): PulledImage {
  const { image = '', imagePullPolicy } = member.container;
  const reference = parseImage(image);
  if (!reference) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
    return waiting(member, status, { reason: 'InvalidImageName', message }, sync, () => [
      warning('InspectFailed', message, member),
      warning('Failed', 'Error: InvalidImageName', member),
    ]);
  }
  const { pod, state, runtime, images } = sync;
  const answer = runtime.image(reference, credentialsOf(pod, state));
  const present = images.has(reference);
  if (present && imagePullPolicy !== 'Always' && answer.type === 'available') {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    return { type: 'here', reference, id: answer.id, events: [normal('Pulled', message, member)] };
  }
  if (imagePullPolicy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return waiting(member, status, { reason: 'ErrImageNeverPull', message }, sync, () => [
      warning('ErrImageNeverPull', message, member),
      warning('Failed', 'Error: ErrImageNeverPull', member),
    ]);
  }
  const backOff = pullBackOff(member, status, reference, sync);
  if (backOff) return backOff;
  return answer.type === 'available' ? pull({ member, status, sync, reference, answer, present }) : fail(member, status, sync, answer.error);
}

interface Pull {
  readonly member: Member;
  readonly status: ContainerStatus;
  readonly sync: Sync;
  readonly reference: ImageReference;
  readonly answer: ImageAnswer & { type: 'available' };
  readonly present: boolean;
}

/** What is there in less is not waited for: the times of a status have whole seconds, and every wait is another entry of the log. */
const WORTH_WAITING_MS = 1000;
/** To ask a registry whether it has something newer. */
const LOOKUP_MS = 200;

function pull({ member, status, sync, reference, answer, present }: Pull): PulledImage {
  const { now, images, events, enqueueAt } = sync;
  const { image } = member.container;
  const takesMs = Math.floor(present ? LOOKUP_MS : answer.pullMs);
  const begun = isPullFailure(status) ? triesOf(member, sync).last : eligibleSince(member, status, sync);
  // One that has begun is told of already, also when another container has got the image onto the node meanwhile.
  const lasts = answer.pullMs >= WORTH_WAITING_MS && !hasRun(status);
  // Since the end of the second that it began in, of which statuses tell nothing more: Events are listed in their order, and before it the pod was assigned to its node.
  const once = { what: `${status.restartCount} ${image}`, at: begun + 999, isOver: takesMs < WORTH_WAITING_MS };
  const pulling = normal('Pulling', `Pulling image "${image}"`, member, lasts || takesMs >= WORTH_WAITING_MS ? { once } : undefined);
  if (takesMs >= WORTH_WAITING_MS && now < begun + takesMs) {
    events.push(pulling);
    enqueueAt(begun + takesMs);
    return { type: 'waiting', status };
  }
  images.add(reference, answer);
  const took = goDuration(takesMs);
  const pulled = normal('Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${answer.size} bytes.`, member);
  return { type: 'here', reference, id: answer.id, events: [pulling, pulled] };
}

const hasRun = ({ state, lastState }: ContainerStatus): boolean => Boolean(state?.terminated || lastState?.terminated);

const isPullFailure = ({ state }: ContainerStatus): boolean => /^(ErrImagePull|ImagePullBackOff)$/.test(state?.waiting?.reason ?? '');

/** How long a container shows why its image was not pulled, before it shows that it waits. */
const SHOWN_MS = 5_000;

/** When the pull was tried last and is tried next: by the time that has passed since the first try, so that nothing has to be remembered. */
function triesOf(member: Member, sync: Sync): { last: number; next: number } {
  const first = eligibleSince(member, undefined, sync);
  const { last, next } = tries(sync.now - first);
  return { last: first + last, next: first + next };
}

/** Why a container whose image could not be pulled waits. Undefined: it is time to try, or the image is another one by now. */
function pullBackOff(member: Member, status: ContainerStatus, reference: ImageReference, sync: Sync): PulledImage | undefined {
  const { reason, message = '' } = status.state?.waiting ?? {};
  if (!isPullFailure(status) || !message.includes(imageName(reference))) return undefined;
  const { now, enqueueAt } = sync;
  const { last, next } = triesOf(member, sync);
  const shown = now < last + SHOWN_MS;
  if (reason === 'ImagePullBackOff' && shown) return undefined;
  enqueueAt(shown ? last + SHOWN_MS : next);
  if (reason === 'ImagePullBackOff' || shown) return { type: 'waiting', status };
  const backOff = `Back-off pulling image "${member.container.image}"`;
  return waiting(member, status, { reason: 'ImagePullBackOff', message: `${backOff}: ErrImagePull: ${message}` }, sync, () => [
    normal('BackOff', backOff, member, COUNTED),
    warning('Failed', 'Error: ImagePullBackOff', member, COUNTED),
  ]);
}

/** What is told again and again: one Event each counts it. */
const COUNTED = { counted: true };

function fail(member: Member, status: ContainerStatus, sync: Sync, error: string): PulledImage {
  const { image } = member.container;
  sync.enqueueAt(triesOf(member, sync).last + SHOWN_MS);
  return waiting(member, status, { reason: 'ErrImagePull', message: error }, sync, () => [
    // Of the first try, the pod's start has told.
    ...(isPullFailure(status) ? missingSecrets(sync.pod, sync.state) : []),
    normal('Pulling', `Pulling image "${image}"`, member, COUNTED),
    warning('Failed', `Failed to pull image "${image}": ${error}`, member, COUNTED),
    warning('Failed', 'Error: ErrImagePull', member, COUNTED),
  ]);
}

/** The given status itself when the same thing is wrong as before; only news makes Events. */
function waiting(member: Member, status: ContainerStatus, why: { reason: string; message: string }, { events }: Sync, told: () => PodEvent[]): PulledImage {
  const { reason, message } = status.state?.waiting ?? {};
  if (reason === why.reason && message === why.message) return { type: 'waiting', status };
  events.push(...told());
  return { type: 'waiting', status: waitingStatus(member.container, { ...why, previous: status }) };
}

/** Whether a running container was made from another image than its spec names now. */
export function imageChanged({ image }: ContainerStatus, pod: Pod, member: Member): boolean {
  if (pod.metadata.generation === pod.status?.observedGeneration) return false;
  const reference = parseImage(member.container.image ?? '');
  return !reference || imageName(reference) !== image;
}
