import type { WorkerFailure, WorkerFailures } from '../worker-failure.ts';
import { failuresPartition, type Item, keyAt, numberOf, numberOfName } from './keys.ts';
import type { Requests } from './requests.ts';

/** Failures of workers as records of a partition beside the log, one for each worker at a number made from its name. None of their attributes is called `writer` (see proposals.ts). */
export const dynamodbFailures = (requests: Requests): WorkerFailures => ({
  async get(log, worker) {
    const { Item: item } = await requests.get({ Key: keyOf(log, worker), ConsistentRead: true });
    return item && failureIn(item);
  },

  async put(log, { name, error, since, attempts, deadLettered }) {
    await requests.put({
      Item: {
        ...keyOf(log, name),
        name: { S: name },
        error: { S: error },
        since: { S: since },
        ...(attempts !== undefined && { attempts: { N: String(attempts) } }),
        ...(deadLettered && { deadLettered: { BOOL: true } }),
      },
    });
  },

  async delete(log, worker) {
    await requests.delete({ Key: keyOf(log, worker) });
  },

  async list(log) {
    const found: WorkerFailure[] = [];
    for await (const items of requests.query({ ...allOf(log), ConsistentRead: false })) found.push(...items.map(failureIn));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
});

/** Those of a log that has ended. */
export async function deleteFailures(requests: Requests, log: string): Promise<void> {
  for await (const items of requests.query({ ...allOf(log), ConsistentRead: true }))
    for (const item of items) await requests.delete({ Key: keyAt(failuresPartition(log), numberOf(item, 'offset')) });
}

const keyOf = (log: string, worker: string): Item => keyAt(failuresPartition(log), numberOfName(worker));

const allOf = (log: string) => ({
  KeyConditionExpression: '#cluster = :cluster',
  ExpressionAttributeNames: { '#cluster': 'cluster' },
  ExpressionAttributeValues: { ':cluster': { S: failuresPartition(log) } },
});

const failureIn = (item: Item): WorkerFailure => ({
  name: item['name']!.S!,
  error: item['error']!.S!,
  since: item['since']!.S!,
  ...(item['attempts'] && { attempts: numberOf(item, 'attempts') }),
  ...(item['deadLettered'] && { deadLettered: true }),
});
