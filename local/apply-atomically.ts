import { API_VERSION } from '../core/apis/logplane/own-resource.ts';
import type { Step, Transaction } from '../core/apis/logplane/transaction.ts';
import { groupVersionOf } from '../core/kube/group-version-kind.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { apiClient, Refused } from './api-client.ts';
import { type Manifest, readManifests } from './manifests.ts';

export interface ApplyOptions {
  readonly filename: readonly string[];
  readonly kubeconfig: string;
  /** Of objects that name none, and of the record. */
  readonly namespace: string;
  readonly fieldManager: string;
  /** Takes over what belongs to other field managers. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/**
 * Applies manifests as one Transaction: all of them, or none. Returns a line for each object, as kubectl prints them. Throws an Error with what the cluster refuses, and which
 * manifest that is of.
 */
export async function applyAtomically({ filename, kubeconfig, namespace, fieldManager, force, dryRun }: ApplyOptions): Promise<string[]> {
  const manifests = await readManifests(filename);
  const steps = manifests.map(({ object }): Step => ({ apply: { object, fieldManager, force } }));
  const transaction = { apiVersion: API_VERSION, kind: 'Transaction', metadata: { generateName: 'apply-' }, spec: { steps } };
  const query = new URLSearchParams({ fieldManager, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) });
  const collection = `/apis/${API_VERSION}/namespaces/${encodeURIComponent(namespace)}/transactions`;
  const made = await apiClient(kubeconfig)('POST', `${collection}?${query}`, transaction).catch((error) => {
    throw error instanceof Refused ? refusedFor(error, manifests) : error;
  });
  const suffix = dryRun ? ' (server dry run)' : '';
  const { name } = (made as Transaction).metadata;
  return [...manifests.map(({ object }) => `${nameOf(object)} serverside-applied${suffix}`), `transaction.logplane.dev/${name} created${suffix}`];
}

/** A refusal of a step with the manifest that it comes of. */
function refusedFor({ message }: Refused, manifests: readonly Manifest[]): Error {
  const [start = '', step] = /^spec\.steps\[(\d+)\]: /.exec(message) ?? [];
  const manifest = step === undefined ? undefined : manifests[Number(step)];
  return new Error(manifest ? `${manifest.source}: ${nameOf(manifest.object)}: ${message.slice(start.length)}` : message);
}

/** `deployment.apps/web` */
function nameOf({ apiVersion, kind, metadata }: KubeObject): string {
  const { group } = groupVersionOf(apiVersion);
  return `${kind.toLowerCase()}${group ? `.${group}` : ''}/${metadata.name}`;
}
