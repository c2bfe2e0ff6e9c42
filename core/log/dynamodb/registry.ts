import { keyAt, numberOfName, registryPartition } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/**
 * Notes that a cluster exists; to be done before its first entry, so that no entry is without. One small record per cluster, at a number
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

/** The names that were registered and have an entry: a writer may have stopped between the two. */
export async function registered({ query }: Requests): Promise<string[]> {
  const names: string[] = [];
  const inPartition = (partition: string) => ({
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: partition } },
    ConsistentRead: true,
  });
  const hasEntry = async (name: string) => {
    for await (const page of query({ ...inPartition(name), Limit: 1 })) return page.length > 0;
    return false;
  };
  for await (const page of query(inPartition(registryPartition))) {
    const found = page.map((item) => item['name']!.S!);
    for (let i = 0; i < found.length; i += AT_ONCE) {
      const some = found.slice(i, i + AT_ONCE);
      const there = await Promise.all(some.map(hasEntry));
      names.push(...some.filter((_, k) => there[k]));
    }
  }
  return names.sort();
}

const AT_ONCE = 16;
