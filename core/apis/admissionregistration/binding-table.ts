import type { KubeObject } from '../../kube/object.ts';
import type { ParamRef } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Table } from '../strategy.ts';
import { paramRefText } from './match.ts';

/** The Table of the bindings of admission policies. */
export const bindingTable: Table<KubeObject & { spec?: { policyName?: string; paramRef?: ParamRef } }> = {
  columns: [
    nameColumn,
    column('PolicyName', 'string', 'PolicyName indicates the policy definition which the policy binding binded to'),
    column('ParamRef', 'string', 'ParamRef indicates the param resource which sets the configration param'),
    ageColumn,
  ],
  cells: (binding, now) => [binding.metadata.name, binding.spec?.policyName ?? '', paramRefText(binding.spec?.paramRef), ageOf(binding, now)],
};
