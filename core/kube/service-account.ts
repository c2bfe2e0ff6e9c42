import { label, subdomain } from './validation/names.ts';

/** A service account as a user: its name and its groups (pkg/serviceaccount/util.go). */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

export const serviceAccountUsername = ({ namespace, name }: ServiceAccountName): string => `system:serviceaccount:${namespace}:${name}`;

/** The groups of every service account of a namespace. */
export const serviceAccountGroups = ({ namespace }: Pick<ServiceAccountName, 'namespace'>): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
];

/** The service account that a username stands for; undefined for a username that no service account can have. */
export function serviceAccountOf(username: string): ServiceAccountName | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return label(namespace).length === 0 && subdomain(name).length === 0 ? { namespace, name } : undefined;
}
