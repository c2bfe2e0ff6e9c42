import { isReady } from '../../apis/core/pod-readiness.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { selectedPods, selecting, selectorIndex } from '../../apis/label-selection.ts';
import { parseIp } from '../../apis/networking/cidr.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { Node, Pod, Service, ServicePort } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';

/** A pod behind a Service, as Endpoints and EndpointSlices name it. */
export interface Backend {
  readonly pod: Pod;
  /** In the Service's first family. */
  readonly ip: string | undefined;
  readonly ips: readonly string[];
  readonly node: Node | undefined;
  /** It takes new connections (for this Service). */
  readonly ready: boolean;
  /** It answers, though it may be on its way out. */
  readonly serving: boolean;
  readonly terminating: boolean;
  /** The number of each of the Service's ports on this pod; a named target port may differ between pods, or be missing. */
  readonly ports: readonly (number | undefined)[];
}

/** The families that a Service has addresses of, the first one first. */
export const familiesOf = ({ spec }: Service): readonly IpFamily[] => (spec?.ipFamilies?.length ? (spec.ipFamilies as IpFamily[]) : ['IPv4']);

type IpFamily = 'IPv4' | 'IPv6';

export const isOfFamily = (ip: string, family: IpFamily): boolean => `IPv${parseIp(ip)?.family}` === family;

/** The pods that a Service selects and that have an address, ordered by name. */
export function backendsOf(service: Service, state: State): readonly Backend[] {
  const { namespace } = service.metadata;
  const { selector, ports = [], publishNotReadyAddresses = false } = service.spec!;
  const [first] = familiesOf(service) as [IpFamily];
  const out: Backend[] = [];
  for (const pod of selectedPods({ matchLabels: selector! }, namespace, state)) {
    const ips = pod.status?.podIPs?.length ? pod.status.podIPs.map(({ ip }) => ip) : pod.status?.podIP ? [pod.status.podIP] : [];
    if (ips.length === 0 || isPodTerminal(pod)) continue;
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const serving = isReady(pod);
    out.push({
      pod,
      ip: ips.find((ip) => isOfFamily(ip, first)),
      ips,
      node: pod.spec!.nodeName ? state.get('nodes', undefined, pod.spec!.nodeName) : undefined,
      ready: publishNotReadyAddresses || (serving && !terminating),
      serving,
      terminating,
      ports: ports.map((port) => targetOf(port, pod)),
    });
  }
  return out;
}

/** FindPort: a number is itself; a name is that of a port of a container, or of a sidecar, with the same protocol. */
function targetOf({ port, targetPort = port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort === 'number') return targetPort || port;
  for (const { ports = [] } of [...pod.spec!.containers, ...(pod.spec!.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')]) {
    const found = ports.find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

/** A Service with a selector has its endpoints made; of one without, they are the user's. ExternalName has none. */
export const isManaged = (service: Service | undefined): service is Service =>
  service?.spec?.selector !== undefined && Object.keys(service.spec.selector).length > 0 && service.spec.type !== 'ExternalName';

export const isHeadless = ({ spec }: Service): boolean => !spec?.clusterIP || spec.clusterIP === 'None';

/** The Services that a change of a pod touches: those that select it, or did. */
export function servicesOfPod({ type, object, previous }: Change, state: State): Key[] {
  const [now, before] = [object, previous];
  // Most changes of a pod (its events, its conditions) mean nothing to a Service.
  if (type !== 'DELETED' && before && isSameBackend(before, now)) return [];
  const keys = new Set<Key>();
  for (const pod of before ? [now, before] : [now]) {
    for (const { metadata } of selecting(services, pod, state)) keys.add(keyOf('services', metadata.namespace, metadata.name));
  }
  return [...keys];
}

const services = selectorIndex('services', (service) => (isManaged(service) ? { matchLabels: service.spec!.selector! } : undefined));

const isSameBackend = (a: Pod, b: Pod): boolean =>
  a.status?.podIP === b.status?.podIP &&
  a.status?.podIPs?.length === b.status?.podIPs?.length &&
  isReady(a) === isReady(b) &&
  isPodTerminal(a) === isPodTerminal(b) &&
  a.metadata.labels === b.metadata.labels &&
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
  a.spec === b.spec;
