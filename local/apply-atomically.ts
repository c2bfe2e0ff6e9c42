import { API_VERSION } from '../core/apis/logplane/own-resource.ts';
import type { Step, Transaction } from '../core/apis/logplane/transaction.ts';
import { type ApiClient, Refused } from './client/api-client.ts';
import { withoutOwnApi } from './client/resources.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { stepsGivingToServerSide } from './given-to-server-side.ts';
import { type Manifest, nameOfManifest } from './manifests.ts';

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes over what belongs to other field managers. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/**
 * Applies manifests as one Transaction: all of them, or none. Objects that name no namespace, and the record, are in that of the client. Returns the names of the objects, and the record.
 * Throws what the cluster refuses, with which manifest that is of.
 */
export async function applyAtomically(
  manifests: readonly Manifest[],
  { fieldManager, force, dryRun }: ApplyOptions,
  client: ApiClient,
): Promise<{ names: string[]; transaction: Transaction }> {
  const giving = fieldManager === FIELD_MANAGER ? await stepsGivingToServerSide(manifests, { manager: fieldManager, client }) : [];
  const parts = manifests.flatMap((manifest, i): { manifest: Manifest; step: Step }[] => [
    ...(giving[i] ? [{ manifest, step: giving[i] }] : []),
    { manifest, step: { apply: { object: manifest.object, fieldManager, force } } },
  ]);
  const steps = parts.map(({ step }) => step);
  const transaction = { apiVersion: API_VERSION, kind: 'Transaction', metadata: { generateName: 'apply-' }, spec: { steps } };
  const query = new URLSearchParams({ fieldManager, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) });
  const collection = `/apis/${API_VERSION}/namespaces/${encodeURIComponent(client.namespace ?? 'default')}/transactions`;
  const made = await client.send<Transaction>('POST', `${collection}?${query}`, transaction).catch(async (error) => {
    throw error instanceof Refused && STEP.test(error.message)
      ? refusedFor(
          error,
          parts.map(({ manifest }) => manifest),
        )
      : await withoutOwnApi(error, client);
  });
  return { names: manifests.map(({ object }) => nameOfManifest(object)), transaction: made };
}

const STEP = /^spec\.steps\[(\d+)\]: /;

/** A refusal of a step with the manifest that it comes of. */
function refusedFor({ message, status }: Refused, ofSteps: readonly Manifest[]): Refused {
  const [start, step] = STEP.exec(message)!;
  const { source, object } = ofSteps[Number(step)]!;
  return new Refused({ ...status, message: `${source}: ${nameOfManifest(object)}: ${message.slice(start.length)}` });
}
