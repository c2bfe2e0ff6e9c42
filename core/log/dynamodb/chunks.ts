import { chunkPartition, type Item, keyAt, numberOfName } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/**
 * The chunks of all clusters' snapshots, each in a partition that is named by its content: its bytes at 0, and a claim for each snapshot that brought it
 * there. A chunk without a claim goes. Between the look that finds none and the deletion a snapshot may claim it, so the bytes are condemned first
 * (docs/decisions/0017-snapshots.md has the proof):
 *
 * - a snapshot that claims puts the claim, and then the bytes, unless they are there and not condemned;
 * - the collector condemns the bytes, then looks for claims, and then deletes them if they are as they were condemned.
 */
export interface Claim {
  readonly name: string;
  /** The id of the snapshot that brought it: no two writers make the same claim. */
  readonly claim: string;
}

/** `unanswered`: as of `put`. */
export async function putChunk({ put }: Requests, { name, claim }: Claim, bytes: Uint8Array, unanswered: () => void): Promise<void> {
  // Two snapshots whose numbers are the same, one in 2^48, must not pass for one another: the condition fails, and the snapshot is not taken.
  const claimed = {
    Item: { ...keyAt(chunkPartition(name), numberFor(claim)), claim: { S: claim } },
    ConditionExpression: 'attribute_not_exists(#cluster) OR #claim = :claim',
    ExpressionAttributeNames: { '#cluster': 'cluster', '#claim': 'claim' },
    ExpressionAttributeValues: { ':claim': { S: claim } },
  };
  const written = {
    Item: { ...keyAt(chunkPartition(name), BYTES), written: { S: claim }, payload: { B: bytes } },
    ConditionExpression: 'attribute_not_exists(#cluster) OR #condemned = :condemned',
    ExpressionAttributeNames: { '#cluster': 'cluster', '#condemned': 'condemned' },
    ExpressionAttributeValues: { ':condemned': { BOOL: true } },
  };
  await put(claimed, unanswered);
  try {
    await put(written, unanswered);
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}

/** What is in chunks; undefined when one is not there. */
export async function readChunks({ get }: Requests, names: Iterable<string>): Promise<Map<string, Uint8Array> | undefined> {
  const wanted = [...new Set(names)];
  const out = new Map<string, Uint8Array>();
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const some = wanted.slice(i, i + AT_ONCE);
    const items = await Promise.all(some.map(read));
    for (const [k, item] of items.entries()) {
      if (!item) return undefined;
      out.set(some[k]!, item['payload']!.B!);
    }
  }
  return out;

  /** What a name stands for never changes, so the cheap read will do when it finds it. */
  async function read(name: string): Promise<Item | undefined> {
    const Key = keyAt(chunkPartition(name), BYTES);
    return (await get({ Key, ConsistentRead: false })).Item ?? (await get({ Key, ConsistentRead: true })).Item;
  }
}

/** Takes a claim back, and deletes the chunk when there is no other. May be done again. */
export async function releaseChunk(requests: Requests, { name, claim }: Claim): Promise<void> {
  await requests.delete({ Key: keyAt(chunkPartition(name), numberFor(claim)) });
  // Another collector may be at it, and die before it has deleted the bytes; or a snapshot puts them again.
  while (!(await collect(requests, name))) if (await isClaimed(requests, name)) return;
}

/** Deletes the bytes of a chunk, unless it is claimed. Returns whether that is settled: not when another process has put or condemned them meanwhile. */
async function collect(requests: Requests, name: string): Promise<boolean> {
  // New each time: a request that arrives late does nothing.
  const token = requests.token();
  const { Item: item } = await requests.get({ Key: keyAt(chunkPartition(name), BYTES), ConsistentRead: true });
  if (!item) return true;
  if (!(await condemn(requests, item, token))) return false;
  if (await isClaimed(requests, name)) return true;
  try {
    await requests.delete({ Key: keyAt(chunkPartition(name), BYTES), ...writtenBy(token) });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
}

/** Whether the bytes are condemned by this token now: not when they are gone, or were put by a snapshot or condemned by another collector meanwhile. */
async function condemn({ get, put }: Requests, item: Item, token: string): Promise<boolean> {
  const { cluster, offset } = item;
  try {
    await put({ Item: { ...item, written: { S: token }, condemned: { BOOL: true } }, ...writtenBy(item['written']!.S!) });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // An earlier attempt may have been done and its answer lost.
    return (await get({ Key: { cluster: cluster!, offset: offset! }, ConsistentRead: true })).Item?.['written']?.S === token;
  }
}

async function isClaimed({ query }: Requests, name: string): Promise<boolean> {
  const claims = query({
    KeyConditionExpression: '#cluster = :cluster AND #offset > :bytes',
    ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset' },
    ExpressionAttributeValues: { ':cluster': { S: chunkPartition(name) }, ':bytes': { N: String(BYTES) } },
    ConsistentRead: true,
    Limit: 1,
  });
  for await (const page of claims) if (page.length > 0) return true;
  return false;
}

const writtenBy = (token: string) => ({
  ConditionExpression: '#written = :written',
  ExpressionAttributeNames: { '#written': 'written' },
  ExpressionAttributeValues: { ':written': { S: token } },
});

const BYTES = 0;

const numberFor = (claim: string): number => BYTES + 1 + numberOfName(claim);

const AT_ONCE = 16;
