import { keyAt, numberOf, numberOfName, registryPartition } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/**
 * Notes that a cluster exists whose log has its own name; to be done before its first entry, so that no entry is without. One small record per cluster, at a number
 * made from its name, or at the next one when another name has that.
 */
export async function register({ put }: Requests, name: string): Promise<void> {
  for (let offset = numberOfName(name); ; offset++) {
    try {
      await put({
        Item: { ...keyAt(registryPartition, offset), name: { S: name } },
        ConditionExpression: 'attribute_not_exists(#cluster) OR #name = :name',
        ExpressionAttributeNames: { '#cluster': 'cluster', '#name': 'name' },
        ExpressionAttributeValues: { ':name': { S: name } },
      });
      return;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }
}

export async function isRegistered(requests: Requests, name: string): Promise<boolean> {
  return (await recordsOf(requests, name)).length > 0;
}

/** The cluster has ended. */
export async function deregister(requests: Requests, name: string): Promise<void> {
  for (const offset of await recordsOf(requests, name)) await requests.delete({ Key: keyAt(registryPartition, offset) });
}

/** Where the record of a name is; it may have two, where a record before it was removed that had its number. */
async function recordsOf({ query }: Requests, name: string): Promise<number[]> {
  const near = {
    KeyConditionExpression: '#cluster = :cluster AND #offset > :before',
    ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset' },
    ExpressionAttributeValues: { ':cluster': { S: registryPartition }, ':before': { N: String(numberOfName(name) - 1) } },
    ConsistentRead: true,
    Limit: MAX_ALIKE,
  };
  for await (const page of query(near)) {
    return page.filter((item) => item['name']?.S === name && !item['log']).map((item) => numberOf(item, 'offset'));
  }
  return [];
}

/** More names than ever have the same number. */
const MAX_ALIKE = 8;
