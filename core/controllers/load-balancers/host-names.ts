import { createHash } from 'node:crypto';
import type { Service } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { compareText } from '../../state/tree.ts';
import { nodeCounts } from '../shared/node-counts.ts';

/** How AWS names load balancers, and what their addresses are called. */

const digest = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('')).digest('hex');

/** Of the cloud controller (cloud.go, DefaultLoadBalancerName). */
export const cloudName = ({ metadata }: Service): string => `a${metadata.uid!}`.replaceAll('-', '').slice(0, 32);

/** Of the AWS Load Balancer Controller (buildLoadBalancerName); `kind` is what tells those of one object apart. */
export function controllerName(namespace: string, name: string, ...kind: readonly string[]): string {
  return `k8s-${alphanumeric(namespace).slice(0, 8)}-${alphanumeric(name).slice(0, 8)}-${digest(...kind).slice(0, 10)}`;
}

/** Of a group of Ingresses. */
export const groupLoadBalancerName = (group: string, ...kind: readonly string[]): string =>
  `k8s-${alphanumeric(group).slice(0, 17)}-${digest(...kind).slice(0, 10)}`;

/** What AWS says of a name that no load balancer can have (Elastic Load Balancing API, CreateLoadBalancer). */
export const nameProblem = (name: string): string | undefined =>
  /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(name)
    ? undefined
    : `ValidationError: The load balancer name '${name}' can only contain characters that are alphanumeric characters and hyphens(-), and cannot begin or end with a hyphen`;

const alphanumeric = (text: string) => text.replace(/[^a-zA-Z0-9]/g, '');

/** Of a network load balancer: the same in the network and outside. */
export const networkHost = (name: string, region: string): string => `${name.toLowerCase()}-${digest(name, 'nlb').slice(0, 16)}.elb.${region}.amazonaws.com`;

/** Of an application or a classic load balancer. */
export const applicationHost = (name: string, region: string, { internal }: { internal: boolean }): string =>
  `${internal ? 'internal-' : ''}${name.toLowerCase()}-${String(Number.parseInt(digest(name, 'elb').slice(0, 8), 16)).padStart(10, '0')}.${region}.elb.amazonaws.com`;

export const targetGroupArn = (name: string, region: string): string =>
  `arn:aws:elasticloadbalancing:${region}:111122223333:targetgroup/${name}/${digest(name, 'tg').slice(0, 16)}`;

/** Where the cluster is: where its nodes say to be, of several regions the first by name. */
export const regionOf = (state: State): string => [...state.view(regions).keys()].sort(compareText)[0] ?? 'eu-west-1';

const regions = nodeCounts(({ metadata }) => metadata.labels?.['topology.kubernetes.io/region']);
