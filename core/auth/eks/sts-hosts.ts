/** A part of AWS that trusts no other one. */
export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov' | 'aws-iso' | 'aws-iso-b';

/** The regions of partitions in which STS answers, by what their hosts end with. */
const regions: Readonly<Record<Partition, { readonly domain: string; readonly regions: readonly string[] }>> = {
  aws: {
    domain: 'amazonaws.com',
    regions: [
      ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
      ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
      ...['ca-central-1', 'ca-west-1', 'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
      ...['il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
    ],
  },
  'aws-cn': { domain: 'amazonaws.com.cn', regions: ['cn-north-1', 'cn-northwest-1'] },
  'aws-us-gov': { domain: 'amazonaws.com', regions: ['us-gov-east-1', 'us-gov-west-1'] },
  'aws-iso': { domain: 'c2s.ic.gov', regions: ['us-iso-east-1', 'us-iso-west-1'] },
  'aws-iso-b': { domain: 'sc2s.sgov.gov', regions: ['us-isob-east-1'] },
};

/** Hosts that are called otherwise. */
const others: Partial<Record<Partition, readonly string[]>> = {
  aws: ['sts.amazonaws.com', ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'].map((region) => `sts-fips.${region}.amazonaws.com`)],
};

/** The hosts of STS in a partition (aws-iam-authenticator, pkg/endpoints/hostList.go, and the regions since): a token may have nothing else called. */
export const stsHosts = (partition: Partition): ReadonlySet<string> =>
  new Set([...regions[partition].regions.map((region) => `sts.${region}.${regions[partition].domain}`), ...(others[partition] ?? [])]);

/** The partition that a region is in. */
export function partitionOf(region: string): Partition {
  const [prefix] = (['cn-', 'us-gov-', 'us-iso-', 'us-isob-'] as const).filter((one) => region.startsWith(one));
  return prefix === undefined ? 'aws' : ({ 'cn-': 'aws-cn', 'us-gov-': 'aws-us-gov', 'us-iso-': 'aws-iso', 'us-isob-': 'aws-iso-b' } as const)[prefix];
}
