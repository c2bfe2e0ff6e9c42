/** What STS calls an identity, in its parts (AWS General Reference, "Amazon Resource Names"). */
export interface Principal {
  /** That of IAM: an assumed role's is the role's, without a path. */
  readonly canonical: string;
  readonly account: string;
  readonly partition: string;
}

/**
 * The identity that access is given to: users, roles, federated users and the account itself; undefined: it is none of these (aws-iam-authenticator, pkg/arn, Canonicalize).
 * `arn:aws:sts::111122223333:assumed-role/reader/session` is the role `arn:aws:iam::111122223333:role/reader`.
 */
export function principalOf(arn: string): Principal | undefined {
  const [, partition, service, account, resource] = /^arn:(aws[a-z-]*):(sts|iam)::(\d{12}):(.+)$/.exec(arn) ?? [];
  if (partition === undefined || account === undefined || resource === undefined) return undefined;
  const [type, ...names] = resource.split('/');
  const as = (canonical: string): Principal => ({ canonical, account, partition });
  if (service === 'iam') return type === 'role' || type === 'user' || type === 'root' ? as(arn) : undefined;
  if (type === 'federated-user') return as(arn);
  return type === 'assumed-role' && names.length >= 2 ? as(`arn:${partition}:iam::${account}:role/${names.slice(0, -1).join('/')}`) : undefined;
}
