import { apisOf } from '../../apis/apis.ts';
import { TARGET_GROUP_BINDINGS as RESOURCE } from '../../apis/elbv2/target-group-binding.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { deletionOf } from '../shared/mutations.ts';
import { targetGroupArn } from './host-names.ts';

export interface TargetGroup {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly port: number | string;
  readonly targetType: 'instance' | 'ip';
}

/** The bindings of a load balancer's target groups to Services, where their definition is there: those that are missing, and those that are not wanted any more. */
export function bindings(
  groups: readonly TargetGroup[],
  { labels, where, state }: { labels: Record<string, string>; where: string; state: State },
): Mutation[] {
  if (!apisOf(state).resource(RESOURCE)) return [];
  const owner = JSON.stringify(labels);
  const there = state.by(bindingsByStack, owner).filter(({ metadata }) => !metadata.deletionTimestamp);
  const wanted = new Map(groups.map((group) => [`${group.namespace}/${group.name}`, bindingOf(group, labels, where)]));
  const known = new Map(there.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]));
  return [
    ...[...wanted].flatMap(([key, object]): Mutation[] => {
      const has = known.get(key);
      if (!has) return [{ type: 'create', resource: RESOURCE, object }];
      return same(fieldsOf(has)['spec'], fieldsOf(object)['spec'])
        ? []
        : [{ type: 'update', resource: RESOURCE, object: { ...has, ...{ spec: fieldsOf(object)['spec'] } } as KubeObject }];
    }),
    ...there.filter(({ metadata }) => !wanted.has(`${metadata.namespace}/${metadata.name}`)).map((object) => deletionOf(RESOURCE, object)),
  ];
}

const bindingsByStack = index([RESOURCE], (_key, { metadata: { labels = {} } }) => {
  const own = Object.fromEntries(Object.entries(labels).filter(([name]) => /^(ingress|service)\.k8s\.aws\/stack/.test(name)));
  return [JSON.stringify(own)];
});

const bindingOf = ({ namespace, name, service, port, targetType }: TargetGroup, labels: Record<string, string>, where: string): KubeObject =>
  ({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name, namespace, labels },
    spec: { ipAddressType: 'ipv4', serviceRef: { name: service, port }, targetGroupARN: targetGroupArn(name, where), targetType },
  }) as KubeObject;
