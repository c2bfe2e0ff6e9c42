import type { Env } from '../env.ts';
import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import { configError } from './container-config.ts';
import { runningStatus, waitingStatus } from './container-status.ts';
import type { Member } from './containers-of.ts';
import { imageName, parseImage } from './image.ts';
import { normal, warning } from './pod-events.ts';
import type { Sync } from './sync.ts';

/**
 * Tries to start a container: image, configuration, start (pkg/kubelet/kuberuntime, startContainer). The answer is its status: running, or
 * waiting with what went wrong. It is the given status itself when the same thing is wrong as before; only news makes Events.
 */
export function startContainer(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  const image = pullImage(member, status, sync);
  if ('waiting' in image) return image.waiting;

  const error = configError(sync.pod, member.container, sync.state);
  if (error !== undefined) {
    return waitFor(status, member, { reason: 'CreateContainerConfigError', message: error }, () => {
      sync.events.push(image.event, warning('Failed', `Error: ${error}`, member));
    });
  }
  sync.events.push(image.event, normal('Created', 'Container created', member), normal('Started', 'Container started', member));
  const containerID = `${sync.runtime.version.split(':')[0]}://${randomHex(sync.env)}`;
  return runningStatus(member.container, { image: image.name, imageID: image.id, containerID, now: sync.now, previous: status });
}

type Image = { waiting: ContainerStatus } | { name: string; id: string; event: ReturnType<typeof normal> };

/** The kubelet's image manager (pkg/kubelet/images/image_manager.go). */
function pullImage(member: Member, status: ContainerStatus, { runtime, events }: Sync): Image {
  const { image = '', imagePullPolicy } = member.container;
  const reference = parseImage(image);
  if (!reference) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
    return {
      waiting: waitFor(status, member, { reason: 'InvalidImageName', message }, () => {
        events.push(warning('InspectFailed', message, member), warning('Failed', 'Error: InvalidImageName', member));
      }),
    };
  }

  const answer = runtime.image(reference);
  const name = imageName(reference);
  if (answer.type === 'present') {
    if (imagePullPolicy !== 'Always') {
      return { name, id: answer.id, event: normal('Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`, member) };
    }
    const message = `Successfully pulled image "${image}" in 0s (0s including waiting). Image size: ${answer.size} bytes.`;
    return { name, id: answer.id, event: normal('Pulled', message, member) };
  }

  if (imagePullPolicy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return {
      waiting: waitFor(status, member, { reason: 'ErrImageNeverPull', message }, () => {
        events.push(warning('ErrImageNeverPull', message, member), warning('Failed', 'Error: ErrImageNeverPull', member));
      }),
    };
  }

  // A pull that failed fails again: after the first attempt the container stays in back-off, until its image is another one.
  const { reason, message } = status.state?.waiting ?? {};
  const backOff = `Back-off pulling image "${image}": ErrImagePull: ${answer.error}`;
  if ((reason === 'ErrImagePull' && message === answer.error) || message === backOff) {
    return {
      waiting: waitFor(status, member, { reason: 'ImagePullBackOff', message: backOff }, () => {
        events.push(normal('BackOff', `Back-off pulling image "${image}"`, member), warning('Failed', 'Error: ImagePullBackOff', member));
      }),
    };
  }
  return {
    waiting: waitFor(status, member, { reason: 'ErrImagePull', message: answer.error }, () => {
      events.push(
        normal('Pulling', `Pulling image "${image}"`, member),
        warning('Failed', `Failed to pull image "${image}": ${answer.error}`, member),
        warning('Failed', 'Error: ErrImagePull', member),
      );
    }),
  };
}

function waitFor(status: ContainerStatus, { container }: Member, why: { reason: string; message: string }, record: () => void): ContainerStatus {
  const { reason, message } = status.state?.waiting ?? {};
  if (reason === why.reason && message === why.message) return status;
  record();
  return waitingStatus(container, { ...why, previous: status });
}

/** 64 digits: what containerd names its containers with. */
function randomHex({ random }: Env): string {
  let hex = '';
  for (let i = 0; i < 8; i++) {
    hex += Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return hex;
}

/** Whether a running container was made from another image than its spec names now. */
export function imageChanged({ image }: ContainerStatus, pod: Pod, member: Member): boolean {
  if (pod.metadata.generation === pod.status?.observedGeneration) return false;
  const reference = parseImage(member.container.image ?? '');
  return !reference || imageName(reference) !== image;
}
