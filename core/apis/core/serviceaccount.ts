import type { ServiceAccount } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** ServiceAccounts: nothing to check beyond the schema. */
export const strategy: Strategy<ServiceAccount> = {
  table: {
    columns: [
      nameColumn,
      column('Secrets', 'string', 'Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use.'),
      ageColumn,
    ],
    cells: (account, now) => [account.metadata.name, account.secrets?.length ?? 0, ageOf(account, now)],
  },
};
