/** Which cluster of EKS the default cluster is to clients of AWS, and where. */
export interface EksCluster {
  readonly region: string;
  readonly name: string;
}

export const EKS_CLUSTER_SYNTAX = 'a region and what `aws eks get-token` is to call the cluster, such as eu-west-1/lab';

/** `eu-west-1/lab`; undefined: it is not understood. */
export function parseEksCluster(text: string): EksCluster | undefined {
  const [, region, name] = /^([a-z]{2}(?:-[a-z]+)+-\d)\/([0-9A-Za-z][0-9A-Za-z_-]{0,99})$/.exec(text) ?? [];
  return region === undefined || name === undefined ? undefined : { region, name };
}
