import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { waitingStatus } from './container-status.ts';
import type { Member } from './containers-of.ts';
import { eligibleSince } from './eligible-since.ts';
import { type ImageReference, imageName, parseImage } from './image.ts';
import { normal, type PodEvent, warning } from './pod-events.ts';
import { tries } from './restart.ts';
import type { Credentials, ImageAnswer } from './runtime.ts';
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
  const backOff = isPullFailure(status) ? backOffState(member, sync) : undefined;
  if (backOff && !backOff.due && status.state?.waiting?.reason === 'ImagePullBackOff')
    return { type: 'waiting', status: restUntil(status, backOff.next, sync) };
  let pulling = normal('Pulling', `Pulling image "${image}"`, member);
  if (takesMs >= WORTH_WAITING_MS) {
    const begun = backOff ? backOff.last : eligibleSince(member, status, sync);
    pulling = { ...pulling, once: { what: `${status.restartCount} ${image}`, at: begun } };
    if (now < begun + takesMs) {
      events.push(pulling);
      enqueueAt(begun + takesMs);
      return { type: 'waiting', status };
    }
  }
  images.add(reference, answer);
  const took = goDuration(takesMs);
  const pulled = normal('Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${answer.size} bytes.`, member);
  return { type: 'here', reference, id: answer.id, events: [pulling, pulled] };
}

const isPullFailure = ({ state }: ContainerStatus): boolean => /^(ErrImagePull|ImagePullBackOff)$/.test(state?.waiting?.reason ?? '');

/** How long a container shows why its image was not pulled, before it shows that it waits. */
const SHOWN_MS = 5_000;

/** Which try at a pull is due or was, by the time that has passed since the first one; nothing else has to be remembered. */
function backOffState(member: Member, sync: Sync): { last: number; next: number; due: boolean } {
  const first = eligibleSince(member, undefined, sync);
  const { last, next } = tries(sync.now - first);
  return { last: first + last, next: first + next, due: sync.now < first + last + SHOWN_MS };
}

function fail(member: Member, status: ContainerStatus, sync: Sync, error: string): PulledImage {
  const { image } = member.container;
  const { reason, message } = status.state?.waiting ?? {};
  const backOff = `Back-off pulling image "${image}": ErrImagePull: ${error}`;
  const known = (reason === 'ErrImagePull' && message === error) || message === backOff;
  const { last, next, due } = backOffState(member, sync);
  if (known && (reason === 'ErrImagePull' ? due : !due))
    return { type: 'waiting', status: restUntil(status, reason === 'ErrImagePull' ? last + SHOWN_MS : next, sync) };
  // Told of again and again: one Event each counts it.
  const counted = { counted: true };
  if (reason === 'ErrImagePull' && known) {
    restUntil(status, next, sync);
    return waiting(member, status, { reason: 'ImagePullBackOff', message: backOff }, sync, () => [
      normal('BackOff', `Back-off pulling image "${image}"`, member, counted),
      warning('Failed', 'Error: ImagePullBackOff', member, counted),
    ]);
  }
  sync.enqueueAt(sync.now + SHOWN_MS);
  return waiting(member, status, { reason: 'ErrImagePull', message: error }, sync, () => [
    normal('Pulling', `Pulling image "${image}"`, member, counted),
    warning('Failed', `Failed to pull image "${image}": ${error}`, member, counted),
    warning('Failed', 'Error: ErrImagePull', member, counted),
  ]);
}

function restUntil(status: ContainerStatus, time: number, { enqueueAt }: Sync): ContainerStatus {
  enqueueAt(time);
  return status;
}

/** The given status itself when the same thing is wrong as before; only news makes Events. */
function waiting(member: Member, status: ContainerStatus, why: { reason: string; message: string }, { events }: Sync, told: () => PodEvent[]): PulledImage {
  const { reason, message } = status.state?.waiting ?? {};
  if (reason === why.reason && message === why.message) return { type: 'waiting', status };
  events.push(...told());
  return { type: 'waiting', status: waitingStatus(member.container, { ...why, previous: status }) };
}

/** What the Secrets of a pod let it into (`kubernetes.io/dockerconfigjson`, `kubernetes.io/dockercfg`). */
function credentialsOf({ metadata, spec }: Pod, state: State): Credentials {
  return (host) =>
    (spec?.imagePullSecrets ?? []).some(({ name }) => {
      const { data } = state.get('secrets', metadata.namespace, name ?? '') ?? {};
      const text = data?.['.dockerconfigjson'] ?? data?.['.dockercfg'];
      if (!text) return false;
      try {
        const config = JSON.parse(Buffer.from(text, 'base64').toString()) as Record<string, object>;
        return Object.keys(config['auths'] ?? config).some((registry) => hostOf(registry) === hostOf(host));
      } catch {
        return false;
      }
    });
}

const hostOf = (registry: string): string =>
  registry
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/^(index|registry-1)\.docker\.io$/, 'docker.io');

/** As Go prints a time.Duration of whole milliseconds: `200ms`, `1.25s`, `1m2.5s`. */
function goDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes > 0 ? `${minutes}m` : ''}${(ms - minutes * 60_000) / 1000}s`;
}

/** Whether a running container was made from another image than its spec names now. */
export function imageChanged({ image }: ContainerStatus, pod: Pod, member: Member): boolean {
  if (pod.metadata.generation === pod.status?.observedGeneration) return false;
  const reference = parseImage(member.container.image ?? '');
  return !reference || imageName(reference) !== image;
}
