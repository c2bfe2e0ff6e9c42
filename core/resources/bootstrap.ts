import type { KubeObject } from '../object.ts';

/** What a new cluster contains, in an order in which it can be created. */
export function bootstrapObjects(_now: number): KubeObject[] {
  const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(namespace);
}
