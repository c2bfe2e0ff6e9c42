import type { ServiceAccount } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** ServiceAccounts: nothing to check beyond the schema (pkg/registry/core/serviceaccount). */
export const strategy: Strategy<ServiceAccount> = {
  prepareForCreate: onlyNames,
  prepareForUpdate: onlyNames,

  warnings: ({ metadata }, previous) =>
    metadata.annotations?.[MOUNTABLE] !== undefined && previous?.metadata.annotations?.[MOUNTABLE] === undefined
      ? [`metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`]
      : [],

  table: {
    columns: [nameColumn, ageColumn],
    cells: (account, now) => [account.metadata.name, ageOf(account, now)],
  },
};

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

/** Its Secrets are those of its namespace: nothing else of a reference is kept. */
function onlyNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}
