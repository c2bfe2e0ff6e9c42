import { formatYaml } from '../core/api/codec/yaml.ts';
import { API_VERSION } from '../core/apis/logplane/own-resource.ts';
import type { PlanChange, PlanSpec } from '../core/apis/logplane/plan.ts';
import type { PlanStatus } from '../core/apis/logplane/plan-status.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { ApiClient } from './client/api-client.ts';
import { withoutOwnApi } from './client/resources.ts';
import { readManifests } from './manifests.ts';
import { planJunit } from './plan-junit.ts';
import { planTable } from './plan-table.ts';

export interface PlanCommand {
  readonly filenames: readonly string[];
  readonly changes: readonly PlanChange[];
  readonly until: string;
  readonly seed: number;
  readonly output: 'table' | 'json' | 'yaml' | 'junit';
  readonly fieldManager: string;
  readonly forceConflicts: boolean;
  readonly askWebhooks: boolean;
  /** Which Events are told. */
  readonly events: 'none' | 'warning' | 'all';
  /** How wide the table may be. */
  readonly columns: number;
}

/** What a running cluster says would happen, as a text, and whether all would be well: 0; 1: something would fail; 2: the plan came to no end. Throws an Error when there is no plan. */
export async function askPlan(command: PlanCommand, client: ApiClient): Promise<{ readonly text: string; readonly exitCode: 0 | 1 | 2 }> {
  const { filenames, changes, until, seed, output, fieldManager, forceConflicts, askWebhooks, events, columns } = command;
  const { namespace } = client;
  const manifests = await readManifests(filenames);
  const spec: PlanSpec = {
    manifests: manifests.map(({ object }) => ({ ...object })),
    changes,
    until,
    seed,
    ...(forceConflicts && { force: true }),
    ...(namespace !== undefined && { namespace }),
    webhooks: askWebhooks ? 'IfSafe' : 'Never',
    events: eventsAsked[events],
  };
  const status = await planned(spec, fieldManager, client);
  return { text: texts[output](status, columns), exitCode: exitCodes[status.result] };
}

const eventsAsked = { none: 'None', warning: 'Warning', all: 'All' } as const;

/** What a running cluster says would happen. Throws what it refuses. */
export async function planned(spec: Partial<PlanSpec>, fieldManager: string, client: ApiClient): Promise<PlanStatus> {
  const plan = { apiVersion: API_VERSION, kind: 'Plan', metadata: { name: 'plan' }, spec };
  const query = `fieldManager=${encodeURIComponent(fieldManager)}`;
  const { status } = await client
    .send<KubeObject & { readonly status: PlanStatus }>('POST', `/apis/${API_VERSION}/plans?${query}`, plan)
    .catch(async (error) => {
      throw await withoutOwnApi(error, client);
    });
  return status;
}

const texts: Readonly<Record<PlanCommand['output'], (status: PlanStatus, columns: number) => string>> = {
  table: planTable,
  json: (status) => `${JSON.stringify(status, null, 2)}\n`,
  yaml: (status) => formatYaml(status),
  junit: planJunit,
};

const exitCodes = { Succeeds: 0, Fails: 1, Unfinished: 2 } as const;
