import { StatusError } from '../kube/status.ts';
import { displayed } from '../managed-fields/path-element.ts';
import type { Conflict } from '../managed-fields/updater.ts';

/** 409: the fields that a configuration would change, and whose they are (apimachinery's managedfields/internal/conflict.go). */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const told = conflicts.map(({ manager, path }) => ({ manager: managerText(manager), path: path.map(displayed).join('') }));
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: messageOf(told),
    reason: 'Conflict',
    details: { causes: told.map(({ manager, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field: path })) },
    code: 409,
  });
}

interface Told {
  readonly manager: string;
  readonly path: string;
}

function messageOf(told: readonly Told[]): string {
  if (told.length === 1) return `Apply failed with 1 conflict: conflict with ${told[0]!.manager}: ${told[0]!.path}`;
  const lines = [...Map.groupBy(told, ({ manager }) => manager)].flatMap(([manager, paths]) => [
    `conflicts with ${manager}:`,
    ...paths.map(({ path }) => `- ${path}`),
  ]);
  return `Apply failed with ${told.length} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl" with subresource "status" using v1`, of what a manager is identified by. */
function managerText(identity: string): string {
  const { manager = '', operation, apiVersion, subresource } = JSON.parse(identity) as Record<string, string>;
  const name = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** What Kubernetes has no reason for: 500. */
export const unexpected = (message: string): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
