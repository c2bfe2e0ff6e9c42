import type { ServiceAccount } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** ServiceAccounts: nothing to check beyond the schema. */
export const strategy: Strategy<ServiceAccount> = {
  table: {
    columns: [nameColumn, ageColumn],
    cells: (account, now) => [account.metadata.name, ageOf(account, now)],
  },
};
