import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { kubeconfigOf } from '../core/kube/kubeconfig.ts';
import { using } from './using-file.ts';
import { writeWhole } from './write-whole.ts';

/** Writes a kubeconfig with a context for the cluster and one for `root`. */
export function writeKubeconfig(file: string, { server, ca, token, cluster }: { server: string; ca: string; token: string; cluster: string }): void {
  const of = (cluster: string, server: string) => ({ name: `logplane-${cluster}`, server, ca, token });
  writeKubeconfigText(file, kubeconfigOf([of(cluster, server), of(ROOT_CLUSTER, `${server}/clusters/${ROOT_CLUSTER}`)]));
}

/** Writes a kubeconfig, readable for its owner alone; whole or not at all. */
export function writeKubeconfigText(file: string, text: string): void {
  using(file, () => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, text);
  });
}
