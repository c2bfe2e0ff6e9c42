import type { KubeObject } from '../../../kube/object.ts';
import type { Container, ContainerPort, Deployment, Pod, ReplicationController, Service } from '../../../schema/generated/kinds.ts';
import { Failed, notSimulated } from '../outcome.ts';
import type { Invocation } from './invocation.ts';
import { labelsOf } from './labels-of.ts';
import { make } from './make.ts';

/** `kubectl expose TYPE NAME --port=80`: a Service for the pods of an object, on its ports where none are given (kubectl's pkg/cmd/expose). */
export function expose(invocation: Invocation): void {
  invocation.each(invocation.targets(), (target) => {
    const object = invocation.client.get(target);
    if (invocation.flags.has('overrides') || invocation.flags.has('load-balancer-ip')) throw notSimulated('kubectl expose --overrides or --load-balancer-ip');
    const exposed = Object.hasOwn(EXPOSED, target.api.groupResource) ? EXPOSED[target.api.groupResource] : undefined;
    if (!exposed) throw new Failed(`error: cannot expose a ${target.api.kind}${target.api.group ? `.${target.api.group}` : ''}`);
    const { selector: own = {}, ports: ofObject } = exposed(object);
    const selector = labelsOf(invocation.flag('selector')) ?? own;
    if (Object.keys(selector).length === 0)
      throw new Failed("error: couldn't retrieve selectors via --selector flag or introspection: the object has no labels and cannot be exposed");
    const labels = labelsOf(invocation.flag('labels')) ?? object.metadata.labels;
    const ports = portsOf(invocation, ofObject);
    const clusterIP = invocation.flag('cluster-ip');
    if (ports.length === 0 && clusterIP !== 'None') throw new Failed("error: couldn't find port via --port flag or introspection");
    const [type, externalIP, sessionAffinity] = [invocation.flag('type'), invocation.flag('external-ip'), invocation.flag('session-affinity')];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: invocation.flag('name') ?? target.name.slice(0, 63), namespace: invocation.namespace, ...(labels && { labels }) },
      spec: {
        ports,
        selector,
        ...(type && { type }),
        ...(clusterIP && { clusterIP }),
        ...(externalIP && { externalIPs: [externalIP] }),
        ...(sessionAffinity && { sessionAffinity }),
      },
    };
    make(invocation, service as unknown as KubeObject, { manager: 'kubectl-expose', done: 'exposed' });
  });
}

interface Port {
  readonly port: number;
  readonly protocol?: string | undefined;
}
interface Exposed {
  readonly selector: Record<string, string> | undefined;
  readonly ports: readonly Port[];
}

const ofContainers = (containers: readonly Container[] = []): Port[] =>
  containers.flatMap(({ ports = [] }) => ports.map(({ containerPort, protocol }: ContainerPort) => ({ port: containerPort, protocol })));

function ofWorkload(object: KubeObject): Exposed {
  const { selector, template } = (object as Deployment).spec!;
  if (selector.matchExpressions?.length)
    throw new Failed(
      'error: couldn\'t retrieve selectors via --selector flag or introspection: couldn\'t convert expressions - "matchExpressions" to map-based selector format',
    );
  return { selector: selector.matchLabels, ports: ofContainers(template.spec?.containers) };
}

const EXPOSED: Readonly<Record<string, (object: KubeObject) => Exposed>> = {
  'deployments.apps': ofWorkload,
  'replicasets.apps': ofWorkload,
  pods: (object) => ({ selector: object.metadata.labels, ports: ofContainers((object as Pod).spec?.containers) }),
  replicationcontrollers: (object) => {
    const { selector, template } = (object as ReplicationController).spec!;
    return { selector, ports: ofContainers(template?.spec?.containers) };
  },
  services: (object) => {
    const { selector, ports = [] } = (object as Service).spec!;
    return { selector, ports };
  },
};

function portsOf(invocation: Invocation, ofObject: readonly Port[]): object[] {
  const [given, targetPort] = [invocation.flag('port'), invocation.flag('target-port')];
  const protocolOf = (port: number) => invocation.flag('protocol') ?? ofObject.find((other) => other.port === port)?.protocol ?? 'TCP';
  const numbers = given === undefined ? [...new Set(ofObject.map(({ port }) => port))] : given.split(',').map(Number);
  if (numbers.some((port) => !Number.isInteger(port))) throw new Failed(`error: strconv.Atoi: parsing ${JSON.stringify(given)}: invalid syntax`);
  return numbers.map((port, i) => ({
    ...(numbers.length > 1 ? { name: `port-${i + 1}` } : invocation.flag('port-name') ? { name: invocation.flag('port-name') } : {}),
    port,
    protocol: protocolOf(port),
    targetPort: targetPort === undefined ? port : /^\d+$/.test(targetPort) ? Number(targetPort) : targetPort,
  }));
}
