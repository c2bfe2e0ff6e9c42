import type { Env } from '../env.ts';
import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { configError } from './container-config.ts';
import { planOf, runningStatus, startErrorStatus, waitingStatus } from './container-status.ts';
import type { Member } from './containers-of.ts';
import { imageName } from './image.ts';
import { normal, warning } from './pod-events.ts';
import { pullImage } from './pull-image.ts';
import type { Sync } from './sync.ts';

/**
 * Tries to start a container: image, configuration, start (pkg/kubelet/kuberuntime, startContainer). The answer is its status: running, ended
 * because its program is not there, or waiting with what went wrong. It is the given status itself when the same thing is wrong as before; only
 * news makes Events.
 */
export function startContainer(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  const { events, now, runtime } = sync;
  const { container } = member;
  const image = pullImage(member, status, sync);
  if (image.type === 'waiting') return image.status;

  const message = configError(member, image.reference, sync);
  if (message !== undefined) {
    const { waiting } = status.state ?? {};
    if (waiting?.reason === 'CreateContainerConfigError' && waiting.message === message) return status;
    events.push(...image.events, warning('Failed', `Error: ${message}`, member));
    return waitingStatus(container, { reason: 'CreateContainerConfigError', message, previous: status });
  }
  // What is started again and again is counted in Events that say so.
  const again = status.state?.terminated || status.lastState?.terminated ? { counted: true } : {};
  for (const event of image.events) events.push({ ...event, ...(event.once ? {} : again) });
  events.push(normal('Created', 'Container created', member, again));
  const containerID = `${runtime.version.split(':')[0]}://${randomHex(sync.env)}`;
  const started = { image: imageName(image.reference), imageID: image.id, containerID, now, previous: status };
  const running = runningStatus(container, started);
  const { startError } = planOf(member, running, sync);
  if (startError !== undefined) {
    events.push(warning('Failed', `Error: ${startError}`, member, again));
    return startErrorStatus(container, { ...started, message: startError });
  }
  events.push(normal('Started', 'Container started', member, again));
  return running;
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
